package query

import (
	"cmp"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// WinningBid is a row of q9: an auction and the highest bid for it, the first
// of equal ones.
type WinningBid struct {
	event.Auction
	AuctionID   int64      `json:"auction"`
	Bidder      int64      `json:"bidder"`
	Price       int64      `json:"price"`
	BidDateTime event.Time `json:"bid_date_time"`
	BidExtra    string     `json:"bid_extra"`
}

// Q9 finds the winning bid of each auction.
func Q9(events Events, _ Settings) dataflow.Stream[WinningBid] {
	auctions := dataflow.FilterMap(events, "auctions", auction)
	bids := dataflow.FilterMap(events, "bids", place)
	byID := dataflow.KeyBy(auctions, "by-id", auctionID)
	byAuction := dataflow.KeyBy(bids, "by-auction", placed.auction)
	made := dataflow.Attach(byID, "attach", byAuction, func(_ int64, a *event.Auction, b placed) sale {
		return sale{a, b}
	})
	inTime := dataflow.Filter(made, "in-time", sale.inTime)
	winners := dataflow.Fold(dataflow.KeyBy(inTime, "by-sale", sale.id), "winner",
		agg.MaxBy(sale.less))
	return dataflow.Map(winners.Updates(), "row", winningBid)
}

// sale is an auction with one of the bids for it.
type sale struct {
	*event.Auction
	Bid placed
}

func (s sale) id() int64 { return s.ID }

// inTime reports whether the auction was open when the bid was made.
func (s sale) inTime() bool {
	return s.Bid.DateTime >= s.DateTime && s.Bid.DateTime <= s.Expires
}

// less reports whether s loses against t: the higher price wins, then the
// earlier bid.
func (s sale) less(t sale) bool {
	return cmp.Or(cmp.Compare(s.Bid.Price, t.Bid.Price), cmp.Compare(t.Bid.DateTime, s.Bid.DateTime),
		cmp.Compare(t.Bid.Seq, s.Bid.Seq)) < 0
}

func auction(e event.Event) (*event.Auction, bool) {
	if e.Kind != event.AuctionKind {
		return nil, false
	}
	return e.Auction.Clone(), true
}

func auctionID(a *event.Auction) int64 { return a.ID }
func (p placed) auction() int64        { return p.Auction }

func winningBid(u dataflow.Update[int64, sale]) WinningBid {
	a, b := u.After.Auction, u.After.Bid
	return WinningBid{*a, b.Auction, b.Bidder, b.Price, b.DateTime, b.Extra}
}

func (w WinningBid) key() int64 { return w.ID }
