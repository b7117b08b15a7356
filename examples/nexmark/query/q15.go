package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// DayReport is a row of q15.
type DayReport struct {
	Day Day `json:"day"`
	Report
}

// Q15 reports on each day: how many bids there are, by how many people, for
// how many auctions, in all and by price.
func Q15(events Events, _ Settings) dataflow.Stream[DayReport] {
	bids := dataflow.FilterMap(events, "bids", reportedBid)
	byDay := dataflow.KeyBy(bids, "by-day", func(b reported) Day { return b.Day })
	tallies := dataflow.Process(byDay, "report", newReporter[Day])
	return dataflow.Map(tallies, "row", func(e dataflow.Entry[Day, tally]) DayReport {
		return DayReport{e.Key, e.Value.report()}
	})
}

// reported is all that q15 and q16 need of a bid.
type reported struct {
	Auction, Bidder, Price int64
	Channel                string
	Day                    Day
	Minute                 Minute
}

func reportedBid(e event.Event) (reported, bool) {
	if e.Kind != event.BidKind {
		return reported{}, false
	}
	b := e.Bid
	day, minute := dayOf(b.DateTime)
	return reported{b.Auction, b.Bidder, b.Price, b.Channel, day, minute}, true
}

func (r DayReport) key() Day { return r.Day }
