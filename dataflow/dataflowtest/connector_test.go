package dataflowtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/gen"
)

func TestFileSource(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		var text strings.Builder
		for line := range 700 * i {
			fmt.Fprintf(&text, "line %d of file %d%s\n", line, i, strings.Repeat("!", line%50))
		}
		path := filepath.Join(dir, fmt.Sprint(i, ".txt"))
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dataflowtest.TestSource(t, func() dataflow.Source[string] {
		return dataflowtest.SourceOf[string](t, func(g *dataflow.Graph) {
			file.ReadLines(g, "lines", dir+"/*.txt", file.Splits[string](10_000))
		})
	})
}

func TestSequenceSource(t *testing.T) {
	dataflowtest.TestSource(t, func() dataflow.Source[int64] {
		return dataflowtest.SourceOf[int64](t, func(g *dataflow.Graph) {
			gen.Sequence(g, "numbers", 5000, gen.Splits[int64](3))
		})
	})
}

func TestFileSink(t *testing.T) {
	place := func(t *testing.T) dataflowtest.Output[string] {
		path := filepath.Join(t.TempDir(), "out")
		return dataflowtest.Output[string]{
			Sink: func() dataflow.Sink[string] {
				return dataflowtest.SinkOf(t, func(s dataflow.Stream[string]) {
					file.WriteLines(s, "out", path)
				})
			},
			Visible: func() ([]string, error) { return visible(path) },
		}
	}
	dataflowtest.TestSink(t, place, func(i int) string { return fmt.Sprint("line ", i) })
}

// visible reads the files that a consumer would, in order of their names.
func visible(path string) (lines []string, err error) {
	names, err := filepath.Glob(path + "*")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		lines = append(lines, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	return lines, err
}
