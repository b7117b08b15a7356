package query

import "github.com/flyball-stream/flyball/dataflow"

// ChannelReport is a row of q16.
type ChannelReport struct {
	Channel string `json:"channel"`
	Day     Day    `json:"day"`
	Minute  Minute `json:"minute"` // of the last bid
	Report
}

// Q16 reports on each channel and day as q15 does on days.
func Q16(events Events, _ Settings) dataflow.Stream[ChannelReport] {
	bids := dataflow.FilterMap(events, "bids", reportedBid)
	byChannel := dataflow.KeyBy(bids, "by-channel-and-day", reported.channelDay)
	tallies := dataflow.Process(byChannel, "report", newReporter[channelDay])
	return dataflow.Map(tallies, "row", func(e dataflow.Entry[channelDay, tally]) ChannelReport {
		return ChannelReport{e.Key.Channel, e.Key.Day, e.Value.Minute, e.Value.report()}
	})
}

type channelDay struct {
	Channel string
	Day     Day
}

func (r reported) channelDay() channelDay { return channelDay{r.Channel, r.Day} }

func (r ChannelReport) key() channelDay { return channelDay{r.Channel, r.Day} }
