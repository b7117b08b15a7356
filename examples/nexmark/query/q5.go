package query

import (
	"iter"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// HotItem is a row of q5: an auction that had as many bids in some window as
// no other.
type HotItem struct {
	Auction int64 `json:"auction"`
	Num     int64 `json:"num"`
}

// Q5 finds the auctions with most bids in the last ten seconds, every two.
func Q5(events Events, s Settings) dataflow.Stream[HotItem] {
	bids := dataflow.FilterMap(events, "bids", auctionOf)
	byAuction := dataflow.KeyBy(bids, "by-auction", itself[int64])
	recent := dataflow.Window(byAuction, window.Sliding(s.Window, s.Slide))
	counts := dataflow.Aggregate(recent, "count", agg.Count[int64]())

	hottest := agg.MaxAll(func(c counted) int64 { return c.Value })
	byEnd := dataflow.KeyBy(counts, "by-end", countedUntil)
	each := dataflow.Window(byEnd, window.Tumbling(s.Slide))
	parts := dataflow.Combine(each, "hottest-of-batch", hottest)
	top := dataflow.Aggregate(parts, "hottest", agg.Partial(hottest))
	return dataflow.FlatMap(top, "items", hotItems)
}

// counted is how many bids there were for an auction in a window.
type counted = dataflow.Pane[int64, int64]

func countedUntil(c counted) event.Time { return event.TimeOf(c.End) }

func hotItems(top dataflow.Pane[event.Time, []counted]) iter.Seq[HotItem] {
	return func(yield func(HotItem) bool) {
		for _, c := range top.Value {
			if !yield(HotItem{c.Key, c.Value}) {
				return
			}
		}
	}
}
