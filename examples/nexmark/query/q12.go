package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Q12 counts each bidder's bids in every ten seconds of processing time.
func Q12(events Events, s Settings) dataflow.Stream[Activity] {
	return activity(events, window.Tumbling(s.Window).ProcessingTime())
}
