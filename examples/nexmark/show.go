package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/flyball-stream/flyball/examples/nexmark/query"
	"github.com/flyball-stream/flyball/examples/results"
)

// out is the directory of the results.
func (p Params) out() string { return cmp.Or(p.Out, results.Dir("nexmark")) }

const (
	shown = 10 // rows
	wide  = 16 // characters of a value
)

// show shows the rows, unless a directory was named for them: then somebody
// has a use for them, and they may be many.
func show(p Params, w io.Writer) error {
	q, err := query.Find(p.Query)
	if err != nil || p.Out != "" {
		return err
	}
	return rows(filepath.Join(p.out(), q.Name), q.Title, w)
}

// rows prints the first rows, in order of their text, and how many there are.
func rows(path, title string, w io.Writer) error {
	n, first := 0, []string{}
	for line, err := range results.Lines(path) {
		if err != nil {
			return err
		}
		n, first = n+1, insert(first, string(line))
	}
	if err := table(first, w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s: %d rows in %s*\n", title, n, path)
	return err
}

// insert adds a row to those shown if it comes before the last of them.
func insert(rows []string, row string) []string {
	i, _ := slices.BinarySearch(rows, row)
	if i == shown {
		return rows
	}
	rows = slices.Insert(rows, i, row)
	return rows[:min(shown, len(rows))]
}

// table prints rows that are JSON objects with the same fields.
func table(rows []string, w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, row := range rows {
		names, values, err := fields(row)
		if err != nil {
			return fmt.Errorf("show row %s: %w", row, err)
		}
		if i == 0 {
			fmt.Fprintln(t, strings.Join(names, "\t"))
		}
		fmt.Fprintln(t, strings.Join(values, "\t"))
	}
	return t.Flush()
}

// fields are the names and values of a JSON object, in its order.
func fields(object string) (names, values []string, err error) {
	in := json.NewDecoder(strings.NewReader(object))
	in.UseNumber()
	if _, err := in.Token(); err != nil {
		return nil, nil, err
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return nil, nil, err
		}
		var value any
		if err := in.Decode(&value); err != nil {
			return nil, nil, err
		}
		names = append(names, fmt.Sprint(name))
		values = append(values, short(value))
	}
	return names, values, nil
}

// short is a value in as many characters as there is room for.
func short(value any) string {
	if value == nil {
		return "-"
	}
	text := []rune(fmt.Sprint(value))
	if len(text) > wide {
		return string(text[:wide-1]) + "…"
	}
	return string(text)
}
