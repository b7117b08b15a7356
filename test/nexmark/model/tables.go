package model

import (
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// A bid is an event's, with its place in the slice of events.
type bid struct {
	event.Bid
	Place int
}

// bids are the table of bids in the order of the stream.
func bids(events []event.Event) (all []bid) {
	for place, e := range events {
		if e.Kind == event.BidKind {
			all = append(all, bid{e.Bid, place})
		}
	}
	return all
}

// auctions are the table of auctions in the order of the stream.
func auctions(events []event.Event) (all []event.Auction) {
	for _, e := range events {
		if e.Kind == event.AuctionKind {
			all = append(all, *e.Auction)
		}
	}
	return all
}

// people are the table of people in the order of the stream.
func people(events []event.Event) (all []event.Person) {
	for _, e := range events {
		if e.Kind == event.PersonKind {
			all = append(all, *e.Person)
		}
	}
	return all
}

// Stamp is a point in time in milliseconds since the Unix epoch, UTC. Rows
// have it as in 2015-07-15T00:00:00.000Z.
type Stamp int64

func (s Stamp) format(layout string) string {
	return time.UnixMilli(int64(s)).UTC().Format(layout)
}

// MarshalText writes the time to the millisecond.
func (s Stamp) MarshalText() ([]byte, error) {
	return []byte(s.format("2006-01-02T15:04:05.000Z07:00")), nil
}

func day(b bid) string    { return Stamp(b.DateTime).format("2006-01-02") }
func minute(b bid) string { return Stamp(b.DateTime).format("15:04") }

// start is the start of the window of a size that t is in: [start, start+size),
// counted from the Unix epoch.
func start(t event.Time, size time.Duration) Stamp {
	ms := Stamp(size.Milliseconds())
	return Stamp(t) - (Stamp(t)%ms+ms)%ms
}

// after is the time a while after s.
func (s Stamp) after(d time.Duration) Stamp { return s + Stamp(d.Milliseconds()) }
