package query

import (
	"slices"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// LocalItem is a row of q3: an auction and who sells.
type LocalItem struct {
	Name  string `json:"name"`
	City  string `json:"city"`
	State string `json:"state"`
	ID    int64  `json:"id"`
}

// Q3 finds what people in Oregon, Idaho and California sell in category 10.
// All people are joined, so that no auction waits for one who was left out.
func Q3(events Events, s Settings) dataflow.Stream[LocalItem] {
	others := dataflow.Filter(events, "not-bids", notBid)
	people := dataflow.FilterMap(others, "people", person)
	auctions := dataflow.FilterMap(others, "auctions", func(e event.Event) (offered, bool) {
		if e.Kind != event.AuctionKind {
			return offered{}, false
		}
		return offered{e.Auction.ID, e.Auction.Seller}, e.Auction.Category == s.Category
	})
	byID := dataflow.KeyBy(people, "by-id", resident.id)
	bySeller := dataflow.KeyBy(auctions, "by-seller", offered.seller)
	items := dataflow.Attach(byID, "attach", bySeller, localItem)
	return dataflow.Filter(items, "local", func(i LocalItem) bool {
		return slices.Contains(s.States, i.State)
	})
}

// resident is all that q3 needs of a person, offered all of an auction.
type (
	resident struct {
		ID                int64
		Name, City, State string
	}
	offered struct{ ID, Seller int64 }
)

func (r resident) id() int64    { return r.ID }
func (o offered) seller() int64 { return o.Seller }

func person(e event.Event) (resident, bool) {
	if e.Kind != event.PersonKind {
		return resident{}, false
	}
	p := e.Person.Clone()
	return resident{p.ID, p.Name, p.City, p.State}, true
}

func localItem(_ int64, p resident, a offered) LocalItem {
	return LocalItem{p.Name, p.City, p.State, a.ID}
}
