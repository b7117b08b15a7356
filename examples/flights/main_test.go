package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestFlights runs the program on its sample, and once more where nothing is
// left to do.
func TestFlights(t *testing.T) {
	for _, parallelism := range []int{1, 3} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			dir := t.TempDir()
			args := []string{"flights", "-quiet", "-out", dir, "-state", t.TempDir(),
				"-parallelism", fmt.Sprint(parallelism)}
			for range 2 {
				checkGolden(t, "worst.golden", strings.ReplaceAll(run(t, args), dir, "DIR"))
				checkGolden(t, "midnight.golden", midnight(t, dir))
			}
		})
	}
}

func run(t *testing.T, args []string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cluster.Run(t.Context(), cluster.Options{
		Flows: []*dataflow.Flow{Flights}, After: cluster.After(show), Args: args,
		Stdout: &stdout, Stderr: &stderr,
	})
	if code != cluster.ExitOK {
		t.Fatalf("%q: got exit code %d, want %d:\n%s", args, code, cluster.ExitOK, &stderr)
	}
	return stdout.String()
}

// midnight is what was written about the first hour, in order.
func midnight(t *testing.T, dir string) string {
	t.Helper()
	var found []string
	for _, path := range must(filepath.Glob(filepath.Join(dir, "hourly*.jsonl")))(t) {
		for line := range strings.Lines(string(must(os.ReadFile(path))(t))) {
			if strings.Contains(line, `"2001-01-01T00:`) {
				found = append(found, line)
			}
		}
	}
	slices.Sort(found)
	return strings.Join(found, "")
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(must(os.ReadFile(path))(t)); got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
