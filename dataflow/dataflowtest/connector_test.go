package dataflowtest_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

// TestPartitionedFileSink has the kit's records go to five directories.
func TestPartitionedFileSink(t *testing.T) {
	place := func(t *testing.T) dataflowtest.Output[int] {
		dir := t.TempDir()
		return dataflowtest.Output[int]{
			Sink: func() dataflow.Sink[int] {
				return dataflowtest.SinkOf(t, func(s dataflow.Stream[int]) {
					file.WriteJSONTo(s, "out", dir, partition, file.OpenFiles(2))
				})
			},
			Visible: func() ([]int, error) { return partitions(dir) },
		}
	}
	dataflowtest.TestSink(t, place, func(i int) int { return i })
}

func partition(i int) string { return fmt.Sprintf("a=%d/b=%d", i%2, i%5) }

// partitions reads what a consumer would, checks that it is where it belongs
// and in order there, and returns all of it in order.
func partitions(dir string) (all []int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		var numbers []int
		for line := range strings.Lines(string(text)) {
			n, err := strconv.Atoi(strings.TrimSpace(line))
			if want := filepath.Join(dir, partition(n)); err != nil || filepath.Dir(path) != want {
				return fmt.Errorf("%s: line %q belongs to %s", path, line, want)
			}
			numbers = append(numbers, n)
		}
		if !slices.IsSorted(numbers) {
			return fmt.Errorf("%s: the lines are out of order: %v", path, numbers)
		}
		all = append(all, numbers...)
		return err
	})
	slices.Sort(all)
	return all, err
}

// TestPartitionedFilesOfARun fails on the way and has every record once.
func TestPartitionedFilesOfARun(t *testing.T) {
	dir := t.TempDir()
	dataflowtest.Run(t, func(g *dataflow.Graph) {
		in := dataflowtest.FromSlice(g, "numbers", numbers(5000), dataflowtest.FailAt[int](3000))
		file.WriteJSONTo(dataflow.Rebalance(in), "out", dir, partition)
	})
	if got, err := partitions(dir); err != nil || !slices.Equal(got, numbers(5000)) {
		t.Errorf("%v; got %d numbers, want each of 5000 once", err, len(got))
	}
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
