package operators

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

// latest is how many values of a key are kept: half a KiB of state.
const latest = 64

var running = Operator{
	Name: "running", Step: "mean", Share: 1,
	Load:  func(in Inputs) (*replay.Data, error) { return replay.Flights(in.flights()) },
	state: func(d *replay.Data) int64 { return int64(d.Keys()) * (8*latest + 40) },
	steps: func(s dataflow.Stream[replay.Record]) dataflow.Stream[Row] {
		byRoute := dataflow.KeyBy(s, "by-route", keyOf)
		return dataflow.Process(byRoute, "mean", newMean)
	},
}

// history is what is known of a key: its latest values, in a ring.
type history struct {
	N      int64
	Sum    float64 // of those in the ring
	Latest []float64
}

// add takes in a value and returns the mean of the latest.
func (h *history) add(v float64) float64 {
	if h.Latest == nil {
		h.Latest = make([]float64, latest)
	}
	at := h.N % latest
	h.Sum += v - h.Latest[at]
	h.Latest[at] = v
	h.N++
	return h.Sum / float64(min(h.N, latest))
}

// mean emits the mean of a key's latest values with each of them.
type mean struct{ history dataflow.Value[history] }

func newMean() *mean { return &mean{dataflow.NewValue[history]("history")} }

func (m *mean) Process(c *dataflow.Context[Key, Row], r replay.Record) error {
	h, err := m.history.Get(c)
	if err != nil {
		return err
	}
	value := h.add(r.Value)
	c.Emit(Row{c.Key(), h.N, value})
	return m.history.Set(c, h)
}
