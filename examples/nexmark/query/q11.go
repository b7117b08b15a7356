package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Activity is a row of q11 and q12: how often someone made a bid in a window.
type Activity struct {
	Bidder    int64      `json:"bidder"`
	BidCount  int64      `json:"bid_count"`
	StartTime event.Time `json:"starttime"`
	EndTime   event.Time `json:"endtime"`
}

// Q11 counts each bidder's bids by session, which ends when the bidder has
// been silent for ten seconds.
func Q11(events Events, s Settings) dataflow.Stream[Activity] {
	return activity(events, window.Session(s.Gap))
}

func activity(events Events, cut window.Spec) dataflow.Stream[Activity] {
	bidders := dataflow.FilterMap(events, "bidders", bidderOf)
	byBidder := dataflow.KeyBy(bidders, "by-bidder", itself[int64])
	counts := dataflow.Aggregate(dataflow.Window(byBidder, cut), "count", agg.Count[int64]())
	return dataflow.Map(counts, "row", func(p dataflow.Pane[int64, int64]) Activity {
		return Activity{p.Key, p.Value, event.TimeOf(p.Start), event.TimeOf(p.End)}
	})
}
