package main

import (
	"bytes"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/query"
)

// run runs a query and returns what can be shown of its rows.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	var out, stderr bytes.Buffer
	code := cluster.Run(t.Context(), cluster.Options{
		Flows: []*dataflow.Flow{Nexmark}, After: cluster.After(show), Stdout: &out, Stderr: &stderr,
		Args: append([]string{"nexmark", "-quiet", "-query", name, "-out", dir}, args...),
	})
	if code != cluster.ExitOK || out.Len() > 0 {
		t.Fatalf("%q: got exit code %d and output %q, want %d and none:\n%s", args, code, &out,
			cluster.ExitOK, &stderr)
	}
	if err := rows(filepath.Join(dir, name), "rows", &out); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(out.String(), dir, "DIR")
}

const hot = `auction  num
2400     1564
2700     1564
3000     1564
4200     1565
6300     1564
6900     1564

rows: 6 rows in DIR/q5*
`

// TestGenerated runs queries on generated events.
func TestGenerated(t *testing.T) {
	for _, parallelism := range []string{"1", "3"} {
		got := run(t, t.TempDir(), "q5", "-n", "100000", "-window", "4s", "-slide", "4s",
			"-parallelism", parallelism)
		if got != hot {
			t.Errorf("parallelism %s: got\n%s\nwant\n%s", parallelism, got, hot)
		}
	}
}

const sellers = `seller  avg_price
1000    800
1002    10000
1003    300
1004    60000000

rows: 4 rows in DIR/q6*
`

// TestFile runs a query whose rows change on events from a file, and once more
// where nothing is left to do.
func TestFile(t *testing.T) {
	dir, state := t.TempDir(), t.TempDir()
	for _, parallelism := range []string{"2", "3"} {
		got := run(t, dir, "q6", "-events", "query/testdata/events.jsonl", "-watermark-delay", "1m",
			"-final", "-sales", "1", "-state", state, "-parallelism", parallelism)
		if got != sellers {
			t.Errorf("parallelism %s: got\n%s\nwant\n%s", parallelism, got, sellers)
		}
	}
}

// TestDefaults compares the flags' defaults with those of package query.
func TestDefaults(t *testing.T) {
	var got Params
	var stderr bytes.Buffer
	cluster.Run(t.Context(), cluster.Options{
		Flows: []*dataflow.Flow{Nexmark}, Stderr: &stderr,
		Args:  []string{"nexmark", "-quiet", "-out", t.TempDir(), "-n", "0"},
		After: cluster.After(func(p Params, _ io.Writer) error { got = p; return nil }),
	})
	if !reflect.DeepEqual(got.Settings, query.Defaults()) {
		t.Errorf("got %+v, want %+v\n%s", got.Settings, query.Defaults(), &stderr)
	}
}
