package cluster

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/flyball-stream/flyball/dataflow"
)

// Main is the main function of a program that links flows: it reads the
// command line, runs what it says and exits. See the package's documentation
// for the commands and exit codes.
func Main(flows ...*dataflow.Flow) { MainWith(Options{Flows: flows}) }

// MainWith is [Main] with options.
func MainWith(o Options) {
	if o.Interrupts == nil {
		signals := make(chan os.Signal, 2)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		o.Interrupts = signals
	}
	os.Exit(Run(context.Background(), o))
}
