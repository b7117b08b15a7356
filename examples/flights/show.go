package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/results"
)

//go:embed data/flights-sample.csv.gz
var sample []byte

// in is the input's path. The sample is unpacked to a place that stays the
// same, so that a run that was stopped finds it again.
func (p Params) in(g *dataflow.Graph) string {
	if p.In != "" {
		return p.In
	}
	path := filepath.Join(os.TempDir(), "flyball-flights", "flights-sample.csv.gz")
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, sample) {
		return path
	}
	if err := write(path, sample); err != nil {
		g.Fail("flights", fmt.Errorf("unpack the sample: %w; name another input with -in", err))
	}
	return path
}

// write leaves either the whole file or none, whoever else does the same.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".sample-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err = cmp.Or(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// out is the directory of the results.
func (p Params) out() string {
	return cmp.Or(p.Out, results.Dir("flights"))
}

// show prints the hours in which most minutes were lost.
func show(p Params, w io.Writer) error {
	all, err := results.Read[Hour](filepath.Join(p.out(), "hourly"))
	if err != nil {
		return err
	}
	var total Delays
	for _, h := range all {
		total = total.and(h.Delays)
	}
	slices.SortFunc(all, func(a, b Hour) int {
		return cmp.Or(cmp.Compare(b.Sum, a.Sum), a.Start.Compare(b.Start), cmp.Compare(a.Origin, b.Origin))
	})
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "hour\torigin\tflights\tminutes lost\tmean\tworst\t")
	for _, h := range all[:min(10, len(all))] {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%.1f\t%d\t\n", h.Start.Format("2006-01-02 15:04"),
			h.Origin, h.Flights, h.Sum, float64(h.Sum)/float64(h.Flights), h.Max)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%d flights, %d minutes late in all; %d results in %s\n",
		total.Flights, total.Sum, len(all), filepath.Join(p.out(), "hourly*.jsonl"))
	return err
}
