package query

import (
	"strings"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Calculated is a row of q14.
type Calculated struct {
	Auction     int64      `json:"auction"`
	Bidder      int64      `json:"bidder"`
	Price       Euros      `json:"price"`
	BidTimeType string     `json:"bid_time_type"`
	DateTime    event.Time `json:"date_time"`
	Extra       string     `json:"extra"`
	CCounts     int64      `json:"c_counts"`
}

// Q14 selects bids between one and fifty million euros and calculates what
// time of day they came at and how many letters c are in their extra text.
func Q14(events Events, _ Settings) dataflow.Stream[Calculated] {
	bids := dataflow.FilterMap(events, "bids", bid)
	high := dataflow.Filter(bids, "high", func(b event.Bid) bool {
		return inEuros(b.Price) > 1e6*euro && inEuros(b.Price) < 50e6*euro
	})
	return dataflow.Map(high, "calculate", func(b event.Bid) Calculated {
		return Calculated{
			b.Auction, b.Bidder, inEuros(b.Price), timeType(b.DateTime), b.DateTime, b.Extra,
			int64(strings.Count(b.Extra, "c")),
		}
	})
}

func timeType(t event.Time) string {
	switch hour := t.Time().Hour(); {
	case hour >= 8 && hour <= 18:
		return "dayTime"
	case hour <= 6 || hour >= 20:
		return "nightTime"
	}
	return "otherTime"
}
