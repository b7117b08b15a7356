package query

import (
	"iter"
	"slices"
	"strings"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// NewSeller is a row of q8.
type NewSeller struct {
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	StartTime event.Time `json:"starttime"`
}

// Q8 finds who registered and opened an auction within the same ten seconds.
func Q8(events Events, s Settings) dataflow.Stream[NewSeller] {
	others := dataflow.Filter(events, "not-bids", notBid)
	people := dataflow.FilterMap(others, "people", func(e event.Event) (NewSeller, bool) {
		if e.Kind != event.PersonKind {
			return NewSeller{}, false
		}
		return NewSeller{e.Person.ID, strings.Clone(e.Person.Name), e.Person.DateTime.Floor(s.Window)}, true
	})
	sellers := dataflow.FilterMap(others, "sellers", func(e event.Event) (int64, bool) {
		if e.Kind != event.AuctionKind {
			return 0, false
		}
		return e.Auction.Seller, true
	})
	byID := dataflow.KeyBy(people, "by-id", func(p NewSeller) int64 { return p.ID })
	bySeller := dataflow.KeyBy(sellers, "by-seller", itself[int64])
	return dataflow.CoGroup(
		dataflow.Window(byID, window.Tumbling(s.Window)), "meet",
		dataflow.Window(bySeller, window.Tumbling(s.Window)), newSellers)
}

// newSellers drops who only registered or only sold, and double registrations.
func newSellers(_ int64, people []NewSeller, sales []int64) iter.Seq[NewSeller] {
	return func(yield func(NewSeller) bool) {
		if len(sales) == 0 {
			return
		}
		for i, p := range people {
			if !slices.Contains(people[:i], p) && !yield(p) {
				return
			}
		}
	}
}
