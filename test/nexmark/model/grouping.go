package model

import (
	"cmp"
	"slices"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// group puts values together that have the same key.
func group[K comparable, T any](values []T, key func(T) K) map[K][]T {
	groups := map[K][]T{}
	for _, v := range values {
		groups[key(v)] = append(groups[key(v)], v)
	}
	return groups
}

// Counts are the columns that q15 and q16 share.
type Counts struct {
	TotalBids     int `json:"total_bids"`
	Rank1Bids     int `json:"rank1_bids"`
	Rank2Bids     int `json:"rank2_bids"`
	Rank3Bids     int `json:"rank3_bids"`
	TotalBidders  int `json:"total_bidders"`
	Rank1Bidders  int `json:"rank1_bidders"`
	Rank2Bidders  int `json:"rank2_bidders"`
	Rank3Bidders  int `json:"rank3_bidders"`
	TotalAuctions int `json:"total_auctions"`
	Rank1Auctions int `json:"rank1_auctions"`
	Rank2Auctions int `json:"rank2_auctions"`
	Rank3Auctions int `json:"rank3_auctions"`
}

func anyPrice(bid) bool  { return true }
func low(b bid) bool     { return b.Price < 10_000 }
func middle(b bid) bool  { return b.Price >= 10_000 && b.Price < 1_000_000 }
func high(b bid) bool    { return b.Price >= 1_000_000 }
func place(b bid) int64  { return int64(b.Place) } // of each bid another
func bidder(b bid) int64 { return b.Bidder }
func lot(b bid) int64    { return b.Auction }

// distinct counts the different values of a column where a filter holds.
func distinct(all []bid, column func(bid) int64, where func(bid) bool) int {
	values := map[int64]bool{}
	for _, b := range all {
		if where(b) {
			values[column(b)] = true
		}
	}
	return len(values)
}

func count(all []bid) Counts {
	return Counts{
		distinct(all, place, anyPrice), distinct(all, place, low),
		distinct(all, place, middle), distinct(all, place, high),
		distinct(all, bidder, anyPrice), distinct(all, bidder, low),
		distinct(all, bidder, middle), distinct(all, bidder, high),
		distinct(all, lot, anyPrice), distinct(all, lot, low),
		distinct(all, lot, middle), distinct(all, lot, high),
	}
}

// Daily is a row of q15.
type Daily struct {
	Day string `json:"day"`
	Counts
}

// Q15 counts bids, bidders and auctions of each day.
func Q15(events []event.Event, _ Options) (rows []Daily) {
	for d, all := range group(bids(events), day) {
		rows = append(rows, Daily{d, count(all)})
	}
	return rows
}

// ByChannel is a row of q16.
type ByChannel struct {
	Channel string `json:"channel"`
	Day     string `json:"day"`
	Minute  string `json:"minute"`
	Counts
}

// Q16 counts bids, bidders and auctions of each channel and day.
func Q16(events []event.Event, _ Options) (rows []ByChannel) {
	type key struct{ Channel, Day string }
	groups := group(bids(events), func(b bid) key { return key{b.Channel, day(b)} })
	for k, all := range groups {
		last := ""
		for _, b := range all {
			last = max(last, minute(b))
		}
		rows = append(rows, ByChannel{k.Channel, k.Day, last, count(all)})
	}
	return rows
}

// AuctionDay is a row of q17.
type AuctionDay struct {
	Auction   int64  `json:"auction"`
	Day       string `json:"day"`
	TotalBids int    `json:"total_bids"`
	Rank1Bids int    `json:"rank1_bids"`
	Rank2Bids int    `json:"rank2_bids"`
	Rank3Bids int    `json:"rank3_bids"`
	MinPrice  int64  `json:"min_price"`
	MaxPrice  int64  `json:"max_price"`
	AvgPrice  int64  `json:"avg_price"`
	SumPrice  int64  `json:"sum_price"`
}

// Q17 is the number and the prices of the bids for each auction on each day.
func Q17(events []event.Event, _ Options) (rows []AuctionDay) {
	type key struct {
		Auction int64
		Day     string
	}
	groups := group(bids(events), func(b bid) key { return key{b.Auction, day(b)} })
	for k, all := range groups {
		var prices []int64
		sum := int64(0)
		for _, b := range all {
			prices, sum = append(prices, b.Price), sum+b.Price
		}
		c := count(all)
		rows = append(rows, AuctionDay{
			k.Auction, k.Day, c.TotalBids, c.Rank1Bids, c.Rank2Bids, c.Rank3Bids,
			slices.Min(prices), slices.Max(prices), average(prices), sum,
		})
	}
	return rows
}

// FullBid is a row of q18.
type FullBid struct {
	Auction  int64  `json:"auction"`
	Bidder   int64  `json:"bidder"`
	Price    int64  `json:"price"`
	Channel  string `json:"channel"`
	URL      string `json:"url"`
	DateTime Stamp  `json:"date_time"`
	Extra    string `json:"extra"`
}

func full(b bid) FullBid {
	return FullBid{b.Auction, b.Bidder, b.Price, b.Channel, b.URL, Stamp(b.DateTime), b.Extra}
}

// Q18 is the last bid of each bidder for each auction. Of several at the same
// time the last in the stream counts.
func Q18(events []event.Event, _ Options) (rows []FullBid) {
	type key struct{ Bidder, Auction int64 }
	groups := group(bids(events), func(b bid) key { return key{b.Bidder, b.Auction} })
	for _, all := range groups {
		rows = append(rows, full(slices.MaxFunc(all, func(a, b bid) int {
			return cmp.Or(cmp.Compare(a.DateTime, b.DateTime), cmp.Compare(a.Place, b.Place))
		})))
	}
	return rows
}

// Ranked is a row of q19.
type Ranked struct {
	FullBid
	RankNumber int `json:"rank_number"`
}

// Q19 is the ten highest bids for each auction. Of equal ones the first in the
// stream has the smaller number.
func Q19(events []event.Event, o Options) (rows []Ranked) {
	for _, all := range group(bids(events), lot) {
		slices.SortFunc(all, func(a, b bid) int {
			return cmp.Or(cmp.Compare(b.Price, a.Price), cmp.Compare(a.Place, b.Place))
		})
		for i, b := range all[:min(len(all), o.Top)] {
			rows = append(rows, Ranked{full(b), i + 1})
		}
	}
	return rows
}
