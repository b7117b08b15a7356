package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/results"
)

const top = `  2909 the
  1267 of
  1017 and
   576 to
   567 in
   397 that
   367 a
   359 be
   351 by
   294 which
`

// TestWordCount compares the most frequent words with those known, and all
// counts with a map's.
func TestWordCount(t *testing.T) {
	text, err := os.ReadFile("data/opticks.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{}
	for _, w := range regexp.MustCompile(`\pL+`).FindAllString(string(text), -1) {
		want[strings.ToLower(w)]++
	}
	for _, parallelism := range []int{1, 3} {
		dir := t.TempDir()
		var stdout, stderr bytes.Buffer
		code := cluster.Run(t.Context(), cluster.Options{
			Flows: []*dataflow.Flow{WordCount}, After: cluster.After(show),
			Args: []string{"wordcount", "-quiet", "-in", "data/opticks.txt", "-out", dir,
				"-parallelism", fmt.Sprint(parallelism)},
			Stdout: &stdout, Stderr: &stderr,
		})
		if code != cluster.ExitOK {
			t.Fatalf("got exit code %d, want %d:\n%s", code, cluster.ExitOK, &stderr)
		}
		if got := stdout.String(); !strings.HasPrefix(got, top) {
			t.Errorf("parallelism %d: got\n%s\nwant\n%s…", parallelism, got, top)
		}
		all, err := results.Read[Count](filepath.Join(dir, "words"))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, c := range all {
			got[c.Word] += c.Count
		}
		if len(all) != len(got) || !maps.Equal(got, want) {
			t.Errorf("parallelism %d: got %d counts of %d words, want those of %d", parallelism,
				len(all), len(got), len(want))
		}
	}
}
