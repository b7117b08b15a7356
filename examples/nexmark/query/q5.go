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
// Every other bid may be for the same auction, and every count is looked at in
// one place; so both are combined before they travel.
func Q5(events Events, s Settings) dataflow.Stream[HotItem] {
	bids := dataflow.FilterMap(events, "bids", auctionOf)
	byAuction := dataflow.KeyBy(bids, "by-auction", itself[int64])
	recent := dataflow.Window(byAuction, window.Sliding(s.Window, s.Slide))
	some := dataflow.Combine(recent, "count-batch", count)
	counts := dataflow.Aggregate(some, "count", agg.Partial(count))

	byEnd := dataflow.KeyBy(counts, "by-end", countedUntil)
	each := dataflow.Window(byEnd, window.Tumbling(s.Slide))
	top := dataflow.Combine(each, "hottest-of-batch", hottest)
	hot := dataflow.Aggregate(top, "hottest", agg.Partial(hottest))
	return dataflow.FlatMap(hot, "items", hotItems)
}

// counted is how many bids there were for an auction in a window.
type counted = dataflow.Pane[int64, int64]

var (
	count   = agg.Count[int64]()
	hottest = agg.MaxAll(func(c counted) int64 { return c.Value })
)

func countedUntil(c counted) event.Time { return event.TimeOf(c.End) }

func hotItems(hot dataflow.Pane[event.Time, []counted]) iter.Seq[HotItem] {
	return func(yield func(HotItem) bool) {
		for _, c := range hot.Value {
			if !yield(HotItem{c.Key, c.Value}) {
				return
			}
		}
	}
}
