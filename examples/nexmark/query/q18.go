package query

import (
	"cmp"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Q18 keeps the last bid of each bidder for each auction.
func Q18(events Events, _ Settings) dataflow.Stream[event.Bid] {
	bids := dataflow.FilterMap(events, "bids", place)
	byPair := dataflow.KeyBy(bids, "by-auction-and-bidder", placed.pair)
	last := dataflow.Improving(byPair, "last", placed.moment, moment.after)
	return dataflow.Map(last, "row", func(p placed) event.Bid { return p.Bid })
}

// moment is when a bid was made; of those at one time the later in the stream is the later.
type moment struct {
	At  event.Time
	Seq int64
}

func (p placed) moment() moment { return moment{p.DateTime, p.Seq} }

func (m moment) after(n moment) bool {
	return cmp.Or(cmp.Compare(m.At, n.At), cmp.Compare(m.Seq, n.Seq)) > 0
}

// pair is who made a bid for what.
type pair struct{ Auction, Bidder int64 }

func (p placed) pair() pair { return pair{p.Auction, p.Bidder} }

func pairOf(b event.Bid) pair { return pair{b.Auction, b.Bidder} }
