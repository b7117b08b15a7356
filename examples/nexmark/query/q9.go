package query

import (
	"github.com/flyball-stream/flyball/dataflow"
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
	bids := dataflow.FilterMap(events, "bids", proposed)
	byID := dataflow.KeyBy(auctions, "by-id", auctionID)
	byAuction := dataflow.KeyBy(bids, "by-auction", func(p proposal) int64 { return p.Auction })
	made := dataflow.Attach(byID, "attach", byAuction, func(_ int64, a *event.Auction, p proposal) sale {
		return sale{a, p}
	})
	inTime := dataflow.Filter(made, "in-time", sale.inTime)
	bySale := dataflow.KeyBy(inTime, "by-sale", sale.id)
	winning := dataflow.Improving(bySale, "winner", sale.offer, offer.beats)
	return dataflow.Map(winning, "row", winningBid)
}

// proposal is all that q9 needs of a bid.
type proposal struct {
	Auction, Bidder, Price int64
	DateTime               event.Time
	Seq                    int64
	Extra                  string
}

func proposed(e event.Event) (proposal, bool) {
	b := &e.Bid
	return proposal{b.Auction, b.Bidder, b.Price, b.DateTime, e.Seq, b.Extra}, e.Kind == event.BidKind
}

// sale is an auction with one of the bids for it.
type sale struct {
	*event.Auction
	Bid proposal
}

// offer is what the bid wins or loses by.
func (s sale) offer() offer {
	return offer{Auction: s.ID, Price: s.Bid.Price, At: s.Bid.DateTime, Seq: s.Bid.Seq}
}

func (s sale) id() int64 { return s.ID }

// inTime reports whether the auction was open when the bid was made.
func (s sale) inTime() bool {
	return s.Bid.DateTime >= s.DateTime && s.Bid.DateTime <= s.Expires
}

func auction(e event.Event) (*event.Auction, bool) {
	if e.Kind != event.AuctionKind {
		return nil, false
	}
	return e.Auction.Clone(), true
}

func auctionID(a *event.Auction) int64 { return a.ID }

func winningBid(s sale) WinningBid {
	a, b := s.Auction, s.Bid
	return WinningBid{*a, b.Auction, b.Bidder, b.Price, b.DateTime, b.Extra}
}

func (w WinningBid) key() int64 { return w.ID }
