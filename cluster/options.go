package cluster

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
)

// Exit codes of a program.
const (
	ExitOK      = 0   // the flow ended, or stopped with a final checkpoint when asked to
	ExitFailure = 1   // it failed
	ExitUsage   = 2   // the command line cannot be understood
	ExitAborted = 130 // a second interrupt ended it at once
)

// Options say what a program is made of. The zero value of each field but
// Flows means its default.
type Options struct {
	// Flows are the flows the program can run. With one, no flag is needed to
	// choose it; with none, only the commands that need no flow work.
	Flows []*dataflow.Flow
	// After is called when a flow has run to the end of its input, to show a
	// result. It gets the flow's parameters and writes to standard output.
	// Make one with [After]. It is not called when the flow was stopped or
	// has failed.
	After func(params any, w io.Writer) error
	// Args is the command line, the program's name first. Default [os.Args].
	Args []string
	// Stdout takes what was asked for, Stderr messages, progress and logs.
	// Defaults [os.Stdout] and [os.Stderr].
	Stdout, Stderr io.Writer
	// Env looks up an environment variable. Default [os.LookupEnv].
	Env func(name string) (string, bool)
	// Interrupts stop the flow: the first one with a final checkpoint, the
	// second one at once. [Main] passes SIGINT and SIGTERM.
	Interrupts <-chan os.Signal

	engine engine                                                      // default actors
	now    func() time.Time                                            // default the wall clock
	store  func(dir string, log *slog.Logger) (checkpointStore, error) // default the one on disk
}

// After adapts a function of a flow's parameters to [Options]. Flows with
// parameters of another type pass it by.
func After[P any](show func(params P, w io.Writer) error) func(any, io.Writer) error {
	return func(params any, w io.Writer) error {
		if p, ok := params.(*P); ok {
			return show(*p, w)
		}
		return nil
	}
}

func (o Options) withDefaults() Options {
	if o.Args == nil {
		o.Args = os.Args
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	if o.Env == nil {
		o.Env = os.LookupEnv
	}
	if o.now == nil {
		o.now = wallClock
	}
	if o.engine == nil {
		o.engine = startActors
	}
	if o.store == nil {
		o.store = openStore
	}
	return o
}

// check finds flows that cannot stand beside each other.
func (o Options) check() error {
	seen := map[string]bool{}
	for _, f := range o.Flows {
		switch {
		case f == nil:
			return fmt.Errorf("one of the program's flows is nil; define it before Main is called")
		case seen[f.Name()]:
			return fmt.Errorf("two of the program's flows are named %q; a name is an identity", f.Name())
		}
		seen[f.Name()] = true
	}
	return nil
}

// version is the program's version as the build recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown version"
	}
	v := info.Main.Version
	if v == "" {
		v = "(devel)"
	}
	return fmt.Sprintf("%s %s, Flyball %s, %s", info.Main.Path, v, engineVersion(info), info.GoVersion)
}

const modulePath = "github.com/flyball-stream/flyball"

func engineVersion(info *debug.BuildInfo) string {
	for _, m := range info.Deps {
		if m.Path == modulePath {
			return m.Version
		}
	}
	return info.Main.Version
}
