package main

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/file"
)

func at(o Order) time.Time { return o.At }
func cents(o Order) int64  { return o.Cents }

func bill(p dataflow.Pane[string, agg.Pair[int64, int64]]) Bill {
	return Bill{p.Key, p.Start, p.Value.First, p.Value.Second}
}

// Letter is a line that is no order.
type Letter struct {
	Text string `json:"text"`
	Why  string `json:"why"`
}

func tornLetter(f dataflow.Failure[file.Line]) Letter {
	return Letter{strings.ToValidUTF8(f.Record.Text, "�"), f.Err}
}

func unsoundLetter(f dataflow.Failure[Order]) Letter {
	return Letter{fmt.Sprintf("%+v", f.Record), f.Err}
}

// path is where the names of files begin.
func (p Params) path(kind string) string { return filepath.Join(cmp.Or(p.Out, scratch), kind) }

// scratch is a directory that no other run of this machine has.
var scratch = filepath.Join(os.TempDir(), "flyball-billing", rand.Text())

// show prints what each account has ordered, billed or late.
func show(p Params, w io.Writer) error {
	bills, err := read[Bill](p.path("bills"))
	if err != nil {
		return err
	}
	late, err := read[Order](p.path("late"))
	if err != nil {
		return err
	}
	dead, err := read[Letter](p.path("dead"))
	if err != nil {
		return err
	}
	owed := map[string]Bill{}
	for _, b := range bills {
		sum := owed[b.Account]
		owed[b.Account] = Bill{Orders: sum.Orders + b.Orders, Cents: sum.Cents + b.Cents}
	}
	for _, o := range late {
		sum := owed[o.Account]
		owed[o.Account] = Bill{Orders: sum.Orders + 1, Cents: sum.Cents + o.Cents}
	}
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "account\torders\towes\t")
	for _, account := range slices.Sorted(maps.Keys(owed)) {
		b := owed[account]
		fmt.Fprintf(t, "%s\t%d\t%d.%02d\t\n", account, b.Orders, b.Cents/100, b.Cents%100)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%d bills, %d late orders and %d dead letters in %s\n",
		len(bills), len(late), len(dead), filepath.Dir(p.path("bills")))
	return err
}

// read reads the files of one kind.
func read[T any](path string) (all []T, err error) {
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
			var v T
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				return nil, fmt.Errorf("read %s: %w", f, err)
			}
			all = append(all, v)
		}
	}
	return all, nil
}
