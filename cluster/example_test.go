package cluster_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/file"
)

// Params are the flags -in, -out and -keep of the flow below.
type Params struct {
	In   string `help:"file to read"`
	Out  string `help:"path and begin of the names of the files to write"`
	Keep string `help:"keep only lines with this in them" default:"o"`
}

var loud = dataflow.Define("loud", dataflow.ExactlyOnce, func(g *dataflow.Graph, p Params) {
	lines := file.ReadLines(g, "lines", p.In)
	kept := dataflow.Filter(lines, "keep", func(s string) bool { return strings.Contains(s, p.Keep) })
	file.WriteLines(dataflow.Map(kept, "shout", strings.ToUpper), "out", p.Out)
})

// result shows what the flow has written, once it has run.
func result(p Params, w io.Writer) error {
	parts, err := filepath.Glob(p.Out + "-*")
	if err != nil {
		return err
	}
	for _, name := range parts {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		for in := bufio.NewScanner(f); in.Scan(); {
			fmt.Fprintln(w, in.Text())
		}
	}
	return nil
}

// A program calls MainWith, which exits; Run is the same without.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "loud-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "in.txt")
	if err := os.WriteFile(in, []byte("one\ntwo\nthree\nfour\n"), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	code := cluster.Run(context.Background(), cluster.Options{
		Flows:  []*dataflow.Flow{loud},
		After:  cluster.After(result),
		Args:   []string{"loud", "-in", in, "-out", filepath.Join(dir, "out"), "-keep", "o"},
		Stderr: io.Discard,
	})
	fmt.Println("exit code", code)
	// Output:
	// ONE
	// TWO
	// FOUR
	// exit code 0
}
