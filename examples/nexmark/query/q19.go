package query

import (
	"cmp"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// RankedBid is a row of q19.
type RankedBid struct {
	event.Bid
	RankNumber int64 `json:"rank_number"`
}

// Q19 ranks the ten highest bids for each auction.
func Q19(events Events, s Settings) dataflow.Stream[RankedBid] {
	bids := dataflow.FilterMap(events, "bids", place)
	byAuction := dataflow.KeyBy(bids, "by-auction", placed.auction)
	top := dataflow.Top(byAuction, "top", s.Top, placed.higher)
	return dataflow.Map(top, "row", func(r dataflow.Ranked[int64, placed]) RankedBid {
		return RankedBid{r.Value.Bid, int64(r.Rank)}
	})
}

func (p placed) auction() int64 { return p.Auction }

// higher reports whether p ranks before q: of bids with equal prices the first
// does.
func (p placed) higher(q placed) bool {
	return cmp.Or(cmp.Compare(q.Price, p.Price), cmp.Compare(p.Seq, q.Seq)) < 0
}

// rank is what the last row counts of.
type rank struct{ Auction, Number int64 }

func (r RankedBid) key() rank { return rank{r.Auction, r.RankNumber} }
