package operators

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

// A word is used once a second, so a slide has six hundred words.
const (
	slidingSize  = 30 * time.Minute
	slidingSlide = 10 * time.Minute
	columns      = 32
)

var sliding = Operator{
	Name: "sliding", Step: "usage", Share: 1, Whole: true,
	Load:  func(in Inputs) (*replay.Data, error) { return replay.Words(in.words()) },
	state: func(*replay.Data) int64 { return slidingKeys * (8*columns + 48) },
	steps: func(s dataflow.Stream[replay.Record]) dataflow.Stream[Row] {
		byWord := dataflow.KeyBy(s, "by-word", keyOf)
		cut := dataflow.Window(byWord, window.Sliding(slidingSize, slidingSlide))
		used := dataflow.Aggregate(cut, "usage", agg.Aggregate[replay.Record, usage, Row]{
			Name: "usage", Add: usage.add, Merge: usage.and, Result: usage.row,
		})
		return dataflow.Map(used, "row", pane)
	},
}

// slidingKeys is about how many words and slides there is state of: a window's
// six hundred words a slide are fewer different ones, and slides that have been
// merged count once.
const slidingKeys = 450

// usage is how often a word was used, and how much of each column's lines it
// was.
type usage struct {
	N       int64
	Columns [columns]float64
}

func (u usage) add(r replay.Record) usage {
	u.N++
	u.Columns[min(r.Place, columns-1)] += r.Value
	return u
}

func (u usage) and(v usage) usage {
	u.N += v.N
	for i := range u.Columns {
		u.Columns[i] += v.Columns[i]
	}
	return u
}

// row has the greatest share of a column.
func (u usage) row() Row {
	r := Row{N: u.N}
	for _, share := range u.Columns {
		r.Value = max(r.Value, share)
	}
	return r
}

// pane gives a window's row its key.
func pane(p dataflow.Pane[Key, Row]) Row {
	p.Value.Key = p.Key
	return p.Value
}
