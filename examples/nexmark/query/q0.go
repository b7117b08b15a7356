package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Passed is a row of q0.
type Passed struct {
	Auction  int64      `json:"auction"`
	Bidder   int64      `json:"bidder"`
	Price    int64      `json:"price"`
	DateTime event.Time `json:"date_time"`
	Extra    string     `json:"extra"`
}

// Q0 passes bids through: it shows what a flow costs that does nothing.
func Q0(events Events, _ Settings) dataflow.Stream[Passed] {
	return dataflow.FilterMap(events, "bids", func(e event.Event) (Passed, bool) {
		b := e.Bid
		return Passed{b.Auction, b.Bidder, b.Price, b.DateTime, b.Extra}, e.Kind == event.BidKind
	})
}
