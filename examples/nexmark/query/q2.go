package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Selected is a row of q2.
type Selected struct {
	Auction int64 `json:"auction"`
	Price   int64 `json:"price"`
}

// Q2 selects the bids for every 123rd auction.
func Q2(events Events, s Settings) dataflow.Stream[Selected] {
	return dataflow.FilterMap(events, "select", func(e event.Event) (Selected, bool) {
		return Selected{e.Bid.Auction, e.Bid.Price},
			e.Kind == event.BidKind && e.Bid.Auction%s.Modulus == 0
	})
}
