package limit

import (
	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
)

// Lengths of windows, in milliseconds. Windows begin at multiples of their
// length, or of the slide, since the epoch.
const (
	window = 10_000
	slide  = 2_000
	panes  = window / slide
)

// Q5 finds the auctions with the most bids in windows of 10 seconds that begin
// every 2.
func Q5(n int64, cfg generate.Config) (r Result, err error) {
	all, err := bids(n, cfg)
	if err != nil {
		return r, err
	}
	h := newHot()
	for b := range all {
		if pane := b.DateTime / slide; pane != h.pane {
			h.advance(pane, &r)
		}
		h.total[b.Auction]++
		h.panes[h.pane%panes][b.Auction]++
	}
	h.advance(h.pane+panes, &r)
	return r, nil
}

// hot counts bids by auction in a window that slides.
type hot struct {
	pane  event.Time // the latest slide, since the epoch
	total map[int64]int64
	panes [panes]map[int64]int64
}

func newHot() *hot {
	h := &hot{total: map[int64]int64{}}
	for i := range h.panes {
		h.panes[i] = map[int64]int64{}
	}
	return h
}

// advance closes the windows that end before a slide.
func (h *hot) advance(to event.Time, r *Result) {
	for ; h.pane < to && len(h.total) > 0; h.pane++ {
		h.report(r)
		oldest := h.panes[(h.pane+1)%panes]
		for auction, n := range oldest {
			if h.total[auction] -= n; h.total[auction] == 0 {
				delete(h.total, auction)
			}
		}
		clear(oldest)
	}
	h.pane = to
}

func (h *hot) report(r *Result) {
	most := int64(0)
	for _, n := range h.total {
		most = max(most, n)
	}
	for auction, n := range h.total {
		if n == most {
			r.row(auction, n, int64(h.pane+1)*slide, 0)
		}
	}
}

// Q7 finds the highest bids of every 10 seconds.
func Q7(n int64, cfg generate.Config) (r Result, err error) {
	all, err := bids(n, cfg)
	if err != nil {
		return r, err
	}
	var end event.Time
	var best highest
	for b := range all {
		if b.DateTime >= end {
			r.bids(best)
			best, end = best[:0], b.DateTime-b.DateTime%window+window
		}
		best.add(b)
	}
	r.bids(best)
	return r, nil
}

// highest are bids of one price, than which there has been no higher.
type highest []event.Bid

func (h *highest) add(b *event.Bid) {
	if len(*h) > 0 && b.Price > (*h)[0].Price {
		*h = (*h)[:0]
	}
	if len(*h) == 0 || b.Price == (*h)[0].Price {
		*h = append(*h, *b)
	}
}

// bids counts a row for each of some bids.
func (r *Result) bids(all []event.Bid) {
	for i := range all {
		b := &all[i]
		r.row(b.Auction, b.Bidder, b.Price, int64(b.DateTime))
	}
}

// Q8 finds the people who have registered and opened an auction in the same 10
// seconds.
func Q8(n int64, cfg generate.Config) (r Result, err error) {
	all, err := events(n, cfg)
	if err != nil {
		return r, err
	}
	var end event.Time
	people, sellers := map[int64]string{}, map[int64]struct{}{}
	for e := range all {
		if at := e.At(); at >= end {
			r.newSellers(people, sellers, end)
			end = at - at%window + window
		}
		switch e.Kind {
		case event.PersonKind:
			people[e.Person.ID] = e.Person.Name
		case event.AuctionKind:
			sellers[e.Auction.Seller] = struct{}{}
		}
	}
	r.newSellers(people, sellers, end)
	return r, nil
}

// newSellers counts the rows of the window up to end, and empties it.
func (r *Result) newSellers(
	people map[int64]string, sellers map[int64]struct{}, end event.Time,
) {
	for id, name := range people {
		if _, ok := sellers[id]; ok {
			r.row(id, int64(len(name)), int64(end-window), 0)
		}
	}
	clear(people)
	clear(sellers)
}
