package query

import (
	"cmp"
	"strings"

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
	bids := dataflow.FilterMap(events, "bids", proposed)
	byID := dataflow.KeyBy(auctions, "by-id", auctionID)
	byAuction := dataflow.KeyBy(bids, "by-auction", func(p proposal) int64 { return p.Auction })
	made := dataflow.Attach(byID, "attach", byAuction, func(_ int64, a *event.Auction, p proposal) sale {
		return sale{a, p}
	})
	inTime := dataflow.Filter(made, "in-time", sale.inTime)
	winners := dataflow.Fold(dataflow.KeyBy(inTime, "by-sale", sale.id), "winner", bestSale)
	return dataflow.Map(winners.Updates(), "row", winningBid)
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

// bestSale is the sale that wins, with text of its own: most bids lose.
var bestSale = agg.Aggregate[sale, agg.Pick[sale], sale]{
	Add: func(best agg.Pick[sale], s sale) agg.Pick[sale] {
		if best.Any && !best.Value.less(s) {
			return best
		}
		s.Bid.Extra = strings.Clone(s.Bid.Extra)
		return agg.Pick[sale]{Value: s, Any: true}
	},
	Result: func(best agg.Pick[sale]) sale { return best.Value },
	Name:   "best",
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

func winningBid(u dataflow.Update[int64, sale]) WinningBid {
	a, b := u.After.Auction, u.After.Bid
	return WinningBid{*a, b.Auction, b.Bidder, b.Price, b.DateTime, b.Extra}
}

func (w WinningBid) key() int64 { return w.ID }
