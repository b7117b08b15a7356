// Command flights counts flights and their delays by airport and hour. See doc.go.
package main

import (
	"path/filepath"
	"time"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Params become the flags -in and -out.
type Params struct {
	In  string `help:"flights as CSV, plain or packed; empty is the sample that is built in"`
	Out string `help:"directory for the results; empty is a temporary one"`
}

// Flight is one line of the input; columns without a field are skipped.
type Flight struct {
	Date   time.Time `layout:"2006-01-02T15:04"`
	Delay  int64     // minutes, negative if early
	Origin string
}

// Delays sum up some flights; in a checkpoint they are the state of an hour.
type Delays struct {
	Flights int64 `json:"flights"`
	Sum     int64 `json:"delay_sum"`
	Max     int64 `json:"delay_max"`
}

// Hour is one line of the output: the flights of one origin within one hour.
type Hour struct {
	Start  time.Time `json:"start"`
	Origin string    `json:"origin"`
	Delays
}

var delays = agg.Aggregate[Flight, Delays, Delays]{
	Name:   "delays",
	Add:    func(d Delays, f Flight) Delays { return d.and(Delays{1, f.Delay, f.Delay}) },
	Merge:  Delays.and,
	Result: func(d Delays) Delays { return d },
}

func (d Delays) and(e Delays) Delays {
	if d.Flights == 0 || e.Flights == 0 {
		return Delays{d.Flights + e.Flights, d.Sum + e.Sum, d.Max + e.Max}
	}
	return Delays{d.Flights + e.Flights, d.Sum + e.Sum, max(d.Max, e.Max)}
}

// Flights is the flow.
var Flights = dataflow.Define("flights", dataflow.ExactlyOnce, func(g *dataflow.Graph, p Params) {
	flights := file.ReadCSV(g, "flights", p.in(g), dataflow.EventTime(when, 0))
	byOrigin := dataflow.KeyBy(flights, "by-origin", origin)
	hourly := dataflow.Window(byOrigin, window.Tumbling(time.Hour))
	summed := dataflow.Aggregate(hourly, "delays", delays)
	hours := dataflow.Map(summed, "hour", hour)
	file.WriteJSON(hours, "out", filepath.Join(p.out(), "hourly"))
})

func when(f Flight) time.Time { return f.Date }
func origin(f Flight) string  { return f.Origin }
func hour(p window.Pane[string, Delays]) Hour {
	return Hour{p.Start, p.Key, p.Value}
}

func main() {
	cluster.MainWith(cluster.Options{Flows: []*dataflow.Flow{Flights}, After: cluster.After(show)})
}
