package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/examples/results"
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
func (p Params) path(kind string) string {
	return filepath.Join(cmp.Or(p.Out, results.Dir("billing")), kind)
}

// show prints what each account has ordered, billed or late.
func show(p Params, w io.Writer) error {
	bills, err := results.Read[Bill](p.path("bills"))
	if err != nil {
		return err
	}
	late, err := results.Read[Order](p.path("late"))
	if err != nil {
		return err
	}
	dead, err := results.Read[Letter](p.path("dead"))
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
