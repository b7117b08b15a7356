package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/flyball-stream/flyball/examples/results"
)

// path is where the names of the output's files begin.
func (p Params) path() string {
	return filepath.Join(cmp.Or(p.Out, results.Dir("wordcount")), "words")
}

// show prints the most frequent words.
func show(p Params, w io.Writer) error {
	all, err := results.Read[Count](p.path())
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Word, b.Word))
	})
	for _, c := range all[:min(10, len(all))] {
		fmt.Fprintf(w, "%6d %s\n", c.Count, c.Word)
	}
	_, err = fmt.Fprintf(w, "%d different words in %s-*.jsonl\n", len(all), p.path())
	return err
}
