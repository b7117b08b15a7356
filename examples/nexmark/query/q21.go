package query

import (
	"strings"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Channelled is a row of q21.
type Channelled struct {
	Auction   int64  `json:"auction"`
	Bidder    int64  `json:"bidder"`
	Price     int64  `json:"price"`
	Channel   string `json:"channel"`
	ChannelID string `json:"channel_id"`
}

// Q21 adds the channel's id to each bid. Bids without one are dropped.
func Q21(events Events, _ Settings) dataflow.Stream[Channelled] {
	bids := dataflow.FilterMap(events, "bids", bid)
	return dataflow.FilterMap(bids, "channel", func(b event.Bid) (Channelled, bool) {
		id, ok := channelID(b)
		return Channelled{b.Auction, b.Bidder, b.Price, b.Channel, id}, ok
	})
}

// wellKnown are the channels whose ids are known, in the order of these.
var wellKnown = []struct{ name, id string }{
	{"apple", "0"}, {"google", "1"}, {"facebook", "2"}, {"baidu", "3"},
}

// channelID is the id of a well-known channel, in whatever case its name is
// written, or else what the URL says.
func channelID(b event.Bid) (string, bool) {
	for _, c := range wellKnown {
		if strings.EqualFold(b.Channel, c.name) {
			return c.id, true
		}
	}
	return parameter(b.URL, "channel_id=")
}

// parameter finds the value behind the first "key=" that begins the URL or
// follows an &, as the regular expression (&|^)key=([^&]*) does.
func parameter(url, key string) (string, bool) {
	for rest := url; ; {
		_, value, found := strings.Cut(rest, key)
		if !found {
			return "", false
		}
		if at := len(url) - len(value) - len(key); at == 0 || url[at-1] == '&' {
			value, _, _ = strings.Cut(value, "&")
			return value, true
		}
		rest = value
	}
}
