package query

import (
	"cmp"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// lot is all that q4 and q6 need of an auction.
type lot struct {
	ID, Seller, Category int64
	Opens, Expires       event.Time
}

// offer is all that q4, q6 and the contest of q9 need of a bid.
type offer struct {
	Auction, Price int64
	At             event.Time
	Seq            int64
}

// final is a lot with an offer for it, the highest so far.
type final struct {
	Lot   lot
	Offer offer
}

// winners is the table of the winning bid of each auction, as in q9.
func winners(events Events) dataflow.Table[int64, final] {
	lots := dataflow.FilterMap(events, "lots", lotOf)
	offers := dataflow.FilterMap(events, "offers", offerOf)
	byID := dataflow.KeyBy(lots, "by-id", func(l lot) int64 { return l.ID })
	byAuction := dataflow.KeyBy(offers, "by-auction", func(o offer) int64 { return o.Auction })
	made := dataflow.Attach(byID, "attach", byAuction, func(_ int64, l lot, o offer) final {
		return final{l, o}
	})
	inTime := dataflow.Filter(made, "in-time", final.inTime)
	byLot := dataflow.KeyBy(inTime, "by-lot", func(f final) int64 { return f.Lot.ID })
	return dataflow.Fold(byLot, "winner", agg.MaxBy(final.less))
}

func lotOf(e event.Event) (lot, bool) {
	if e.Kind != event.AuctionKind {
		return lot{}, false
	}
	a := e.Auction
	return lot{a.ID, a.Seller, a.Category, a.DateTime, a.Expires}, true
}

func offerOf(e event.Event) (offer, bool) {
	return offer{e.Bid.Auction, e.Bid.Price, e.Bid.DateTime, e.Seq}, e.Kind == event.BidKind
}

// inTime reports whether the auction was open when the offer was made.
func (f final) inTime() bool { return f.Lot.Opens <= f.Offer.At && f.Offer.At <= f.Lot.Expires }

// less reports whether f loses against g.
func (f final) less(g final) bool { return g.Offer.beats(f.Offer) }

// beats reports whether o wins against p: by the higher price, then the earlier bid.
func (o offer) beats(p offer) bool {
	return cmp.Or(cmp.Compare(p.Price, o.Price), cmp.Compare(o.At, p.At), cmp.Compare(o.Seq, p.Seq)) < 0
}
