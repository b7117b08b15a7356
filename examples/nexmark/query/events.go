package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Events is what all queries read. Records must have event times.
type Events = dataflow.Stream[event.Event]

func bid(e event.Event) (event.Bid, bool) { return e.Bid, e.Kind == event.BidKind }

// notBid is true of one in twelve events. Queries that need people and auctions
// alone look for them among these.
func notBid(e event.Event) bool { return e.Kind != event.BidKind }

// auctionOf and bidderOf are all that some queries need of a bid.
func auctionOf(e event.Event) (int64, bool) { return e.Bid.Auction, e.Kind == event.BidKind }
func bidderOf(e event.Event) (int64, bool)  { return e.Bid.Bidder, e.Kind == event.BidKind }

// placed is a bid with its place in the stream, which tells apart bids that
// are otherwise equal.
type placed struct {
	event.Bid
	Seq int64
}

func place(e event.Event) (placed, bool) { return placed{e.Bid, e.Seq}, e.Kind == event.BidKind }

func itself[T any](v T) T { return v }
