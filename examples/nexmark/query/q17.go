package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// AuctionDay is a row of q17: the bids for an auction on one day.
type AuctionDay struct {
	Auction   int64 `json:"auction"`
	Day       Day   `json:"day"`
	TotalBids int64 `json:"total_bids"`
	Rank1Bids int64 `json:"rank1_bids"`
	Rank2Bids int64 `json:"rank2_bids"`
	Rank3Bids int64 `json:"rank3_bids"`
	MinPrice  int64 `json:"min_price"`
	MaxPrice  int64 `json:"max_price"`
	AvgPrice  int64 `json:"avg_price"`
	SumPrice  int64 `json:"sum_price"`
}

// Q17 keeps statistics of the bids for each auction, day by day.
func Q17(events Events, _ Settings) dataflow.Stream[AuctionDay] {
	bids := dataflow.FilterMap(events, "bids", auctionPrice)
	byDay := dataflow.KeyBy(bids, "by-auction-and-day", auctionPriced.key)
	stats := dataflow.Rolling(byDay, "statistics", priceStats)
	return dataflow.Map(stats, "row", auctionDayRow)
}

type auctionDay struct {
	Auction int64
	Day     Day
}

// auctionPriced is all that q17 needs of a bid.
type auctionPriced struct {
	auctionDay
	Price int64
}

func (b auctionPriced) key() auctionDay { return b.auctionDay }

func auctionPrice(e event.Event) (auctionPriced, bool) {
	day, _ := dayOf(e.Bid.DateTime)
	return auctionPriced{auctionDay{e.Bid.Auction, day}, e.Bid.Price}, e.Kind == event.BidKind
}

// prices sum up what was bid. Min and max are those of no prices while there
// are none.
type prices struct {
	Bids          levels
	Min, Max, Sum int64
}

var priceStats = agg.Aggregate[auctionPriced, prices, prices]{
	Add: func(p prices, b auctionPriced) prices {
		if p.Bids[0] == 0 {
			p.Min, p.Max = b.Price, b.Price
		}
		return prices{
			p.Bids.plus(classes(b.Price)), min(p.Min, b.Price), max(p.Max, b.Price), p.Sum + b.Price,
		}
	},
	Result: itself[prices],
	Name:   "prices",
}

func auctionDayRow(e dataflow.Entry[auctionDay, prices]) AuctionDay {
	p := e.Value
	return AuctionDay{
		Auction: e.Key.Auction, Day: e.Key.Day,
		TotalBids: p.Bids[0], Rank1Bids: p.Bids[1], Rank2Bids: p.Bids[2], Rank3Bids: p.Bids[3],
		MinPrice: p.Min, MaxPrice: p.Max, AvgPrice: p.Sum / p.Bids[0], SumPrice: p.Sum,
	}
}

func (d AuctionDay) key() auctionDay { return auctionDay{d.Auction, d.Day} }
