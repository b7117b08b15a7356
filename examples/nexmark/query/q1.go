package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Converted is a row of q1.
type Converted struct {
	Auction  int64      `json:"auction"`
	Bidder   int64      `json:"bidder"`
	Price    Euros      `json:"price"`
	DateTime event.Time `json:"date_time"`
	Extra    string     `json:"extra"`
}

// Q1 converts the prices of bids from dollars to euros.
func Q1(events Events, _ Settings) dataflow.Stream[Converted] {
	bids := dataflow.FilterMap(events, "bids", bid)
	return dataflow.Map(bids, "convert", func(b event.Bid) Converted {
		return Converted{b.Auction, b.Bidder, inEuros(b.Price), b.DateTime, b.Extra}
	})
}
