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
	highest := agg.MaxAll(price)
	together := dataflow.KeyBy(Q0(events, s), "together", func(Passed) bool { return true })
	periods := dataflow.Window(together, window.Tumbling(s.Window))
	parts := dataflow.Combine(periods, "highest-of-batch", highest)
	bids := dataflow.Aggregate(parts, "highest", agg.Partial(highest))
	return dataflow.FlatMap(bids, "rows", inPane)
}

func price(b Passed) int64 { return b.Price }

func inPane(p dataflow.Pane[bool, []Passed]) iter.Seq[Passed] { return slices.Values(p.Value) }
