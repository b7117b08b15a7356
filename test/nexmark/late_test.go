package nexmark

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/test/nexmark/mix"
)

// windowed are the queries that go by watermarks, and whether they count each
// late event by itself: q7 counts the highest late bids of a batch.
var windowed = map[string]bool{"q5": true, "q7": false, "q8": true, "q11": true}

// TestLate has events come when their windows are gone. Queries with windows
// leave them out and count them; the others do not care.
func TestLate(t *testing.T) {
	s, timely := withLate(t, min(events(), 1000), 60)
	for _, w := range ways() {
		exact, inWindows := windowed[w.query.Name]
		expect := s
		if inWindows {
			expect = timely
		} else if testing.Short() {
			continue
		}
		most := lateFor(w.query.Name, s.events[len(timely.events):])
		least := most
		if inWindows && !exact {
			least = 1
		}
		for _, p := range []int{1, 3} {
			t.Run(fmt.Sprint(w, "/", p), func(t *testing.T) {
				spec := s.stepwise(t, w)
				spec.Parallelism = p
				r := spec.run(t.Context())
				mustEnd(t, r)
				expect.check(t, w, spec.Out)
				if r.Late < least || r.Late > most {
					t.Errorf("got %d late, want %d to %d", r.Late, least, most)
				}
			})
		}
	}
}

// stepwise is a run of a query with a checkpoint for each batch. What came
// before a barrier has arrived when the checkpoint is complete, watermarks too.
func (s stream) stepwise(t *testing.T, w way) spec {
	t.Helper()
	spec := s.spec(t, w)
	spec.Whole, spec.Gate, spec.Interval = true, 1, 2*time.Millisecond
	return spec
}

// lateFor is how many of the late events are some that the query has in its
// windows.
func lateFor(query string, late []event.Event) (n int64) {
	if _, ok := windowed[query]; !ok {
		return 0
	}
	for _, e := range late {
		if (e.Kind == event.BidKind) != (query == "q8") {
			n++
		}
	}
	return n
}

// withLate makes a stream whose last events are as old as its first, and the
// same without these.
func withLate(t *testing.T, n, late int) (all, timely stream) {
	t.Helper()
	events := mix.Events(*seed, n)
	first, last := events[0].At(), events[n-1].At()
	for i := range int64(between) {
		events = append(events, anHourLater(i, last))
	}
	timely = stream{name: "timely", events: slices.Clone(events)}
	for i := range int64(late) {
		events = append(events, lateEvent(i, first))
	}
	all = stream{name: "late", path: filepath.Join(t.TempDir(), "events.jsonl"), events: events}
	if err := mix.WriteFile(all.path, all.events); err != nil {
		t.Fatal(err)
	}
	return all, timely
}

// between is how many events there are before the late ones: some batches, so
// that there is a checkpoint among them.
const between = 4 * operator.BatchSize

func anHourLater(i int64, than event.Time) event.Event {
	return someEvent(2, 2_000_000+i, than+3_600_000)
}

// lateEvent is of an auction that nobody else bids for, its seller or a bid.
func lateEvent(i int64, at event.Time) event.Event { return someEvent(i, 1_000_000+i/3, at) }

// someEvent has one id wherever it needs one.
func someEvent(i, id int64, at event.Time) event.Event {
	switch i % 3 {
	case 0:
		p := &event.Person{ID: id, Name: "n", State: "OR", DateTime: at}
		return event.Event{Kind: event.PersonKind, Person: p}
	case 1:
		a := &event.Auction{ID: id, Seller: id, Category: 10, DateTime: at, Expires: at}
		return event.Event{Kind: event.AuctionKind, Auction: a}
	}
	b := event.Bid{Auction: id, Bidder: id, Price: 1_000_000_000 + i, DateTime: at}
	return event.Event{Kind: event.BidKind, Bid: b}
}
