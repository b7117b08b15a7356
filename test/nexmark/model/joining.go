package model

import (
	"cmp"
	"slices"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Sold is a row of q3.
type Sold struct {
	Name  string `json:"name"`
	City  string `json:"city"`
	State string `json:"state"`
	ID    int64  `json:"id"`
}

// Q3 is the auctions of a category with their sellers from some states.
func Q3(events []event.Event, o Options) (rows []Sold) {
	byID := map[int64]event.Person{}
	for _, p := range people(events) {
		byID[p.ID] = p
	}
	for _, a := range auctions(events) {
		p, ok := byID[a.Seller]
		if ok && a.Category == o.Category && slices.Contains(o.States, p.State) {
			rows = append(rows, Sold{p.Name, p.City, p.State, a.ID})
		}
	}
	return rows
}

// sale is an auction with the bid that wins it.
type sale struct {
	Auction event.Auction
	Bid     bid
}

// sales are the auctions that a bid has been made for while they were open,
// the bounds included, each with the highest: the earliest of equal ones.
func sales(events []event.Event) (all []sale) {
	made := map[int64][]bid{}
	for _, b := range bids(events) {
		made[b.Auction] = append(made[b.Auction], b)
	}
	for _, a := range auctions(events) {
		valid := slices.DeleteFunc(made[a.ID], func(b bid) bool {
			return b.DateTime < a.DateTime || b.DateTime > a.Expires
		})
		slices.SortFunc(valid, func(b, c bid) int {
			return cmp.Or(cmp.Compare(c.Price, b.Price), cmp.Compare(b.DateTime, c.DateTime),
				cmp.Compare(b.Place, c.Place))
		})
		if len(valid) > 0 {
			all = append(all, sale{a, valid[0]})
		}
	}
	return all
}

// CategoryAverage is a row of q4.
type CategoryAverage struct {
	Category int64 `json:"category"`
	Final    int64 `json:"final"`
}

// Q4 is the average price of the sales in each category.
func Q4(events []event.Event, _ Options) (rows []CategoryAverage) {
	prices := map[int64][]int64{}
	for _, s := range sales(events) {
		prices[s.Auction.Category] = append(prices[s.Auction.Category], s.Bid.Price)
	}
	for category, p := range prices {
		rows = append(rows, CategoryAverage{category, average(p)})
	}
	return rows
}

// average is SQL's of integers: itself an integer, cut towards 0.
func average(prices []int64) int64 {
	total := int64(0)
	for _, p := range prices {
		total += p
	}
	return total / int64(len(prices))
}

// SellerAverage is a row of q6.
type SellerAverage struct {
	Seller   int64 `json:"seller"`
	AvgPrice int64 `json:"avg_price"`
}

// Q6 is the average price of the last ten sales of each seller.
func Q6(events []event.Event, o Options) (rows []SellerAverage) {
	bySeller := map[int64][]sale{}
	for _, s := range sales(events) {
		bySeller[s.Auction.Seller] = append(bySeller[s.Auction.Seller], s)
	}
	for seller, all := range bySeller {
		slices.SortFunc(all, sale.compare)
		var prices []int64
		for _, s := range all[max(0, len(all)-o.Sales):] {
			prices = append(prices, s.Bid.Price)
		}
		rows = append(rows, SellerAverage{seller, average(prices)})
	}
	return rows
}

// compare orders sales by when their bids were made and then by price, as
// Beam's Query6 does.
func (s sale) compare(t sale) int {
	return cmp.Or(cmp.Compare(s.Bid.DateTime, t.Bid.DateTime),
		cmp.Compare(s.Bid.Price, t.Bid.Price), cmp.Compare(s.Bid.Place, t.Bid.Place))
}

// Won is a row of q9.
type Won struct {
	ID          int64  `json:"id"`
	ItemName    string `json:"item_name"`
	Description string `json:"description"`
	InitialBid  int64  `json:"initial_bid"`
	Reserve     int64  `json:"reserve"`
	DateTime    Stamp  `json:"date_time"`
	Expires     Stamp  `json:"expires"`
	Seller      int64  `json:"seller"`
	Category    int64  `json:"category"`
	Extra       string `json:"extra"`
	Auction     int64  `json:"auction"`
	Bidder      int64  `json:"bidder"`
	Price       int64  `json:"price"`
	BidDateTime Stamp  `json:"bid_date_time"`
	BidExtra    string `json:"bid_extra"`
}

// Q9 is the sales.
func Q9(events []event.Event, _ Options) (rows []Won) {
	for _, s := range sales(events) {
		a, b := s.Auction, s.Bid
		rows = append(rows, Won{
			a.ID, a.ItemName, a.Description, a.InitialBid, a.Reserve, Stamp(a.DateTime),
			Stamp(a.Expires), a.Seller, a.Category, a.Extra,
			b.Auction, b.Bidder, b.Price, Stamp(b.DateTime), b.Extra,
		})
	}
	return rows
}

// Joined is a row of q20.
type Joined struct {
	Auction         int64  `json:"auction"`
	Bidder          int64  `json:"bidder"`
	Price           int64  `json:"price"`
	Channel         string `json:"channel"`
	URL             string `json:"url"`
	BidDateTime     Stamp  `json:"bid_date_time"`
	BidExtra        string `json:"bid_extra"`
	ItemName        string `json:"item_name"`
	Description     string `json:"description"`
	InitialBid      int64  `json:"initial_bid"`
	Reserve         int64  `json:"reserve"`
	AuctionDateTime Stamp  `json:"auction_date_time"`
	Expires         Stamp  `json:"expires"`
	Seller          int64  `json:"seller"`
	Category        int64  `json:"category"`
	AuctionExtra    string `json:"auction_extra"`
}

// Q20 is the bids with their auctions of one category.
func Q20(events []event.Event, o Options) (rows []Joined) {
	byID := map[int64]event.Auction{}
	for _, a := range auctions(events) {
		byID[a.ID] = a
	}
	for _, b := range bids(events) {
		a, ok := byID[b.Auction]
		if !ok || a.Category != o.Category {
			continue
		}
		rows = append(rows, Joined{
			b.Auction, b.Bidder, b.Price, b.Channel, b.URL, Stamp(b.DateTime), b.Extra,
			a.ItemName, a.Description, a.InitialBid, a.Reserve, Stamp(a.DateTime),
			Stamp(a.Expires), a.Seller, a.Category, a.Extra,
		})
	}
	return rows
}
