package e2e

import (
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// flight is a line of the input.
type flight struct {
	Date        time.Time `layout:"2006-01-02T15:04"`
	Delay       int64
	Origin      string
	Destination string
}

// delays sum up flights.
type delays struct {
	Flights int64 `json:"flights"`
	Sum     int64 `json:"sum"`
	Max     int64 `json:"max"`
}

func (d delays) and(e delays) delays {
	m := max(d.Max, e.Max)
	if d.Flights == 0 {
		m = e.Max
	} else if e.Flights == 0 {
		m = d.Max
	}
	return delays{d.Flights + e.Flights, d.Sum + e.Sum, m}
}

var sumUp = agg.Aggregate[flight, delays, delays]{
	Name:   "delays",
	Add:    func(d delays, f flight) delays { return d.and(delays{1, f.Delay, f.Delay}) },
	Merge:  delays.and,
	Result: func(d delays) delays { return d },
}

type route struct{ From, To string }

// row is a line of the output. Start is empty for windows without one.
type row struct {
	Start string `json:"start"`
	Key   string `json:"key"`
	delays
}

// define makes the flow: windows of an hour by origin, windows of a day by
// route, and one window of all time by destination, each to files of its own, the
// days to a directory each.
func define(c child) *dataflow.Flow {
	return dataflow.Define(c.name(), dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		read := file.ReadCSV(g, "flights", c.In,
			dataflow.EventTime(func(f flight) time.Time { return f.Date }, 0),
			file.Splits[flight](c.splitBytes()))
		flights := dataflow.Map(read, "pace", c.pace())
		byOrigin := dataflow.KeyBy(flights, "by-origin", func(f flight) string { return f.Origin })
		byRoute := dataflow.KeyBy(flights, "by-route",
			func(f flight) route { return route{f.Origin, f.Destination} })
		byTarget := dataflow.KeyBy(flights, "by-target",
			func(f flight) string { return f.Destination })

		hours := dataflow.Aggregate(dataflow.Window(byOrigin, window.Tumbling(time.Hour)),
			c.hours(), sumUp)
		days := dataflow.Aggregate(dataflow.Window(byRoute, window.Tumbling(24*time.Hour)),
			"days", sumUp)
		ever := dataflow.Aggregate(dataflow.Window(byTarget, window.Global()), "ever", sumUp)

		file.WriteJSON(dataflow.Map(hours, "hour rows", originRow), "hourly out",
			filepath.Join(c.Out, "hourly"))
		file.WriteJSONTo(dataflow.Map(days, "day rows", routeRow), "daily out", c.Out, dayOf,
			file.OpenFiles(2))
		file.WriteJSON(dataflow.Map(ever, "ever rows", targetRow), "ever out",
			filepath.Join(c.Out, "ever"))
	})
}

// dayOf is the directory of a row.
func dayOf(r row) string { return "day=" + r.Start[:10] }

func originRow(p dataflow.Pane[string, delays]) row {
	return row{p.Start.Format(time.RFC3339), p.Key, p.Value}
}

func routeRow(p dataflow.Pane[route, delays]) row {
	return row{p.Start.Format(time.RFC3339), p.Key.From + "-" + p.Key.To, p.Value}
}

func targetRow(p dataflow.Pane[string, delays]) row { return row{"", p.Key, p.Value} }

// paceStep is how many records pass between two waits of the pace step.
const paceStep = 256

// pace makes a function that lets records pass at a rate and panics at one of
// them, as the child is told.
func (c child) pace() func(flight) flight {
	var n atomic.Int64
	return func(f flight) flight {
		i := n.Add(1)
		if i == c.Panic {
			panic("user code has lost its way")
		}
		if c.Rate > 0 && i%paceStep == 0 {
			<-time.After(time.Second * paceStep / time.Duration(c.Rate))
		}
		return f
	}
}
