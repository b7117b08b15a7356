package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/flyball-stream/flyball/dataflow"
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
	return cmp.Or(p.Out, scratch)
}

// scratch is a directory that no other run of this machine has.
var scratch = filepath.Join(os.TempDir(), "flyball-flights", rand.Text())

// show prints the hours in which most minutes were lost.
func show(p Params, w io.Writer) error {
	files, err := filepath.Glob(filepath.Join(p.out(), "hourly*.jsonl"))
	if err != nil {
		return err
	}
	var all []Hour
	var total Delays
	for _, f := range files {
		if all, err = read(all, f); err != nil {
			return err
		}
	}
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

func read(all []Hour, path string) ([]Hour, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := json.NewDecoder(bufio.NewReader(f))
	for {
		var h Hour
		if err := in.Decode(&h); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		all = append(all, h)
	}
}
