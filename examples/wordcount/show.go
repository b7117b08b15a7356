package main

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// path is where the names of the output's files begin.
func (p Params) path() string { return filepath.Join(cmp.Or(p.Out, scratch), "words") }

// scratch is a directory that no other run of this machine has.
var scratch = filepath.Join(os.TempDir(), "flyball-wordcount", rand.Text())

// show prints the most frequent words.
func show(p Params, w io.Writer) error {
	all, err := counts(p.path())
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

// counts reads all of the output.
func counts(path string) (all []Count, err error) {
	files, err := filepath.Glob(path + "-*.jsonl")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			var c Count
			if err := json.Unmarshal([]byte(line), &c); err != nil {
				return nil, fmt.Errorf("read %s: %w", f, err)
			}
			all = append(all, c)
		}
	}
	return all, nil
}
