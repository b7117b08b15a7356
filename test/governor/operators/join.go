package operators

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

const joinSize = 6 * time.Hour

var join = Operator{
	Name: "join", Step: "there-and-back", Share: 4, Whole: true,
	Load:  func(in Inputs) (*replay.Data, error) { return replay.Pairs(in.flights()) },
	state: func(d *replay.Data) int64 { return int64(d.Within(joinSize)) * 48 },
	steps: func(s dataflow.Stream[replay.Record]) dataflow.Stream[Row] {
		ways := dataflow.Branch(s, "ways", func(r replay.Record) bool { return r.Place == 0 })
		cut := window.Tumbling(joinSize)
		there := dataflow.Window(dataflow.KeyBy(ways[0], "there", keyOf), cut)
		back := dataflow.Window(dataflow.KeyBy(ways[1], "back", keyOf), cut)
		return dataflow.Join(there, "there-and-back", back, match)
	},
}

// match is a pair: the delays of both flights.
func match(k Key, there, back replay.Record) Row {
	return Row{k, 2, there.Value + back.Value}
}
