package query

import (
	"iter"
	"slices"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Q7 finds the highest bids of every ten seconds. All bids have one key; so
// that they need not all go to one subtask, only the highest of a batch do.
func Q7(events Events, s Settings) dataflow.Stream[Passed] {
	together := dataflow.KeyBy(Q0(events, s), "together", func(Passed) bool { return true })
	periods := dataflow.Window(together, window.Tumbling(s.Window))
	some := dataflow.Combine(periods, "highest-of-batch", highest)
	bids := dataflow.Aggregate(some, "highest", agg.Partial(highest))
	return dataflow.FlatMap(bids, "rows", func(p dataflow.Pane[bool, []Passed]) iter.Seq[Passed] {
		return slices.Values(p.Value)
	})
}

var highest = agg.MaxAll(func(b Passed) int64 { return b.Price })
