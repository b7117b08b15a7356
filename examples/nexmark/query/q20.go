package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Expanded is a row of q20: a bid and its auction.
type Expanded struct {
	Auction     int64      `json:"auction"`
	Bidder      int64      `json:"bidder"`
	Price       int64      `json:"price"`
	Channel     string     `json:"channel"`
	URL         string     `json:"url"`
	BidDateTime event.Time `json:"bid_date_time"`
	BidExtra    string     `json:"bid_extra"`

	ItemName        string     `json:"item_name"`
	Description     string     `json:"description"`
	InitialBid      int64      `json:"initial_bid"`
	Reserve         int64      `json:"reserve"`
	AuctionDateTime event.Time `json:"auction_date_time"`
	Expires         event.Time `json:"expires"`
	Seller          int64      `json:"seller"`
	Category        int64      `json:"category"`
	AuctionExtra    string     `json:"auction_extra"`
}

// Q20 expands the bids in category 10 with their auctions. Auctions of other
// categories are joined too, by their id alone, so that no bid waits for one
// that was left out.
func Q20(events Events, s Settings) dataflow.Stream[Expanded] {
	auctions := dataflow.FilterMap(events, "auctions", func(e event.Event) (*event.Auction, bool) {
		if e.Kind == event.AuctionKind && e.Auction.Category != s.Category {
			return &event.Auction{ID: e.Auction.ID, Category: e.Auction.Category}, true
		}
		return auction(e)
	})
	bids := dataflow.FilterMap(events, "bids", bid)
	byID := dataflow.KeyBy(auctions, "by-id", auctionID)
	byAuction := dataflow.KeyBy(bids, "by-auction", func(b event.Bid) int64 { return b.Auction })
	all := dataflow.Attach(byID, "attach", byAuction, expand)
	return dataflow.Filter(all, "of-category", func(e Expanded) bool {
		return e.Category == s.Category
	})
}

func expand(_ int64, a *event.Auction, b event.Bid) Expanded {
	return Expanded{
		b.Auction, b.Bidder, b.Price, b.Channel, b.URL, b.DateTime, b.Extra,
		a.ItemName, a.Description, a.InitialBid, a.Reserve, a.DateTime, a.Expires, a.Seller,
		a.Category, a.Extra,
	}
}
