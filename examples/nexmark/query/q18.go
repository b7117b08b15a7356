package query

import (
	"cmp"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Q18 keeps the last bid of each bidder for each auction.
func Q18(events Events, _ Settings) dataflow.Stream[event.Bid] {
	bids := dataflow.FilterMap(events, "bids", place)
	byPair := dataflow.KeyBy(bids, "by-auction-and-bidder", placed.pair)
	last := dataflow.Fold(byPair, "last", agg.MaxBy(placed.before))
	return dataflow.Map(last.Updates(), "row", func(u dataflow.Update[pair, placed]) event.Bid {
		return u.After.Bid
	})
}

// pair is who made a bid for what.
type pair struct{ Auction, Bidder int64 }

func (p placed) pair() pair { return pair{p.Auction, p.Bidder} }

// before reports whether p was made before q.
func (p placed) before(q placed) bool {
	return cmp.Or(cmp.Compare(p.DateTime, q.DateTime), cmp.Compare(p.Seq, q.Seq)) < 0
}

func pairOf(b event.Bid) pair { return pair{b.Auction, b.Bidder} }
