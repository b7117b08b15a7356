// Command nexmark answers the questions of a benchmark about an online auction.
// See doc.go.
package main

import (
	"time"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
	"github.com/flyball-stream/flyball/examples/nexmark/query"
)

// Params become flags.
type Params struct {
	Query  string        `default:"q5" help:"q0 to q22"`
	Events string        `help:"events as JSON lines: a file, directory or pattern; empty makes them up"`
	Delay  time.Duration `flag:"watermark-delay" default:"4s" help:"by how much events are out of order at most"`
	Out    string        `help:"directory for the rows; empty is a new temporary one"`
	Final  bool          `help:"of rows that change, write the last state alone, when the input ends"`

	N      int64   `default:"300000" help:"events to make up; below 0 they never end"`
	Rate   int64   `help:"events a second; 0 is as fast as possible"`
	Splits int     `default:"16" help:"parts in which events are made"`
	Seed   uint64  `help:"which of the possible streams is made; 0 is Beam's"`
	Late   float64 `help:"share of the events made that are late, by up to three seconds"`

	query.Settings
}

// Nexmark is the flow: one query of all events.
var Nexmark = dataflow.Define("nexmark", dataflow.ExactlyOnce, func(g *dataflow.Graph, p Params) {
	q, err := query.Find(p.Query)
	if err != nil {
		g.Fail("query", err)
		return
	}
	q.Add(p.events(g), p.Settings, query.Output{Dir: p.out(), Final: p.Final})
})

// events reads or generates.
func (p Params) events(g *dataflow.Graph) query.Events {
	timed := event.Timed(p.Delay)
	if p.Events != "" {
		return event.Read(g, "events", p.Events, timed)
	}
	cfg := generate.Config{Seed: p.Seed, Splits: p.Splits, Rate: p.Rate, Late: p.Late}
	if p.Rate > 0 {
		cfg.Pace = generate.Steady
	}
	return generate.Read(g, "events", p.N, cfg, timed)
}

func main() {
	cluster.MainWith(cluster.Options{Flows: []*dataflow.Flow{Nexmark}, After: cluster.After(show)})
}
