package mix

import (
	"reflect"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// TestEvents checks what is promised of streams, and that the awkward cases
// are among them.
func TestEvents(t *testing.T) {
	total := map[string]int{}
	for seed := range uint64(5) {
		events := Events(seed, 2000)
		if !reflect.DeepEqual(events, Events(seed, 2000)) {
			t.Errorf("seed %d: got different events the second time", seed)
		}
		latest, previous := events[0].At(), events[0].At()
		for i, e := range events {
			latest = max(latest, e.At())
			if old := time.Duration(latest-e.At()) * time.Millisecond; old > Disorder {
				t.Fatalf("seed %d: event %d is %v old, want %v at most", seed, i, old, Disorder)
			} else if old == Disorder {
				total["as old as may be"]++
			}
			if e.At() == previous {
				total["equal times"]++
			}
			if e.At()-previous > 20*second {
				total["pauses"]++
			}
			previous = e.At()
		}
		checkIDs(t, events, total)
	}
	for _, kind := range cases {
		if total[kind] < 20 {
			t.Errorf("%s: got %d in five streams, want 20 or more", kind, total[kind])
		}
	}
	t.Log(total)
}

var cases = []string{
	"as old as may be", "equal times", "pauses", "sellers who never come", "before the auction",
	"without an auction", "before it opens", "after it expired", "on a bound", "without bids",
	"people", "auctions",
}

// checkIDs counts the cases about who and what come when.
func checkIDs(t *testing.T, events []event.Event, total map[string]int) {
	t.Helper()
	people, auctions, bids := map[int64]bool{}, map[int64]event.Event{}, map[int64]bool{}
	for _, e := range events {
		switch e.Kind {
		case event.PersonKind:
			if people[e.Person.ID] {
				t.Errorf("person %d comes twice", e.Person.ID)
			}
			people[e.Person.ID] = true
		case event.AuctionKind:
			if auctions[e.Auction.ID].Kind != 0 {
				t.Errorf("auction %d comes twice", e.Auction.ID)
			}
			auctions[e.Auction.ID] = e
		default:
			bids[e.Bid.Auction] = true
		}
	}
	total["people"] += len(people)
	total["auctions"] += len(auctions)
	for id, e := range auctions {
		if !people[e.Auction.Seller] {
			total["sellers who never come"]++
		}
		if !bids[id] {
			total["without bids"]++
		}
	}
	countBids(events, auctions, total)
}

func countBids(events []event.Event, auctions map[int64]event.Event, total map[string]int) {
	for _, e := range events {
		if e.Kind != event.BidKind {
			continue
		}
		of := auctions[e.Bid.Auction]
		if of.Kind == 0 {
			total["without an auction"]++
			continue
		}
		at, opens, expires := e.Bid.DateTime, of.Auction.DateTime, of.Auction.Expires
		if of.Seq > e.Seq {
			total["before the auction"]++
		}
		switch {
		case at < opens:
			total["before it opens"]++
		case at > expires:
			total["after it expired"]++
		case at == opens || at == expires:
			total["on a bound"]++
		}
	}
}
