package model

import (
	"cmp"
	"slices"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Hot is a row of q5.
type Hot struct {
	Auction int64 `json:"auction"`
	Num     int64 `json:"num"`
}

// Q5 is, for each window, the auctions with most bids in it.
func Q5(events []event.Event, o Options) (rows []Hot) {
	windows := map[Stamp]map[int64]int64{} // bids by auction, by start
	for _, b := range bids(events) {
		for s := start(b.DateTime, o.Slide); s.after(o.Window) > Stamp(b.DateTime); {
			if windows[s] == nil {
				windows[s] = map[int64]int64{}
			}
			windows[s][b.Auction]++
			s = s.after(-o.Slide)
		}
	}
	for _, counts := range windows {
		most := int64(0)
		for _, n := range counts {
			most = max(most, n)
		}
		for auction, n := range counts {
			if n == most {
				rows = append(rows, Hot{auction, n})
			}
		}
	}
	return rows
}

// Q7 is, for each window, its highest bids.
func Q7(events []event.Event, o Options) (rows []Bid) {
	highest := map[Stamp]int64{}
	for _, b := range bids(events) {
		s := start(b.DateTime, o.Window)
		if price, ok := highest[s]; !ok || b.Price > price {
			highest[s] = b.Price
		}
	}
	for _, b := range bids(events) {
		if b.Price == highest[start(b.DateTime, o.Window)] {
			rows = append(rows, row(b))
		}
	}
	return rows
}

// Newcomer is a row of q8.
type Newcomer struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	StartTime Stamp  `json:"starttime"`
}

// Q8 is the people who opened an auction in the window of their registration.
func Q8(events []event.Event, o Options) (rows []Newcomer) {
	type sale struct {
		Seller int64
		Start  Stamp
	}
	sold := map[sale]bool{}
	for _, a := range auctions(events) {
		sold[sale{a.Seller, start(a.DateTime, o.Window)}] = true
	}
	for _, p := range people(events) {
		if s := start(p.DateTime, o.Window); sold[sale{p.ID, s}] {
			rows = append(rows, Newcomer{p.ID, p.Name, s})
		}
	}
	return rows
}

// Session is a row of q11.
type Session struct {
	Bidder    int64 `json:"bidder"`
	BidCount  int64 `json:"bid_count"`
	StartTime Stamp `json:"starttime"`
	EndTime   Stamp `json:"endtime"`
}

// Q11 is the sessions of each bidder. A bid that comes when the gap is over, to
// the millisecond, begins the next one.
func Q11(events []event.Event, o Options) (rows []Session) {
	byBidder := map[int64][]Stamp{}
	for _, b := range bids(events) {
		byBidder[b.Bidder] = append(byBidder[b.Bidder], Stamp(b.DateTime))
	}
	for bidder, times := range byBidder {
		slices.Sort(times)
		s := Session{Bidder: bidder, StartTime: times[0], EndTime: times[0].after(o.Gap)}
		for _, t := range times {
			if t >= s.EndTime {
				rows = append(rows, s)
				s = Session{Bidder: bidder, StartTime: t}
			}
			s.BidCount, s.EndTime = s.BidCount+1, t.after(o.Gap)
		}
		rows = append(rows, s)
	}
	return rows
}

// Count is what the rows of q12 add up to: a bidder's bids.
type Count struct {
	Bidder   int64 `json:"bidder"`
	BidCount int64 `json:"bid_count"`
}

// Q12 is the bids of each bidder, in all windows together.
func Q12(events []event.Event, _ Options) (rows []Count) {
	counts := map[int64]int64{}
	for _, b := range bids(events) {
		counts[b.Bidder]++
	}
	for bidder, n := range counts {
		rows = append(rows, Count{bidder, n})
	}
	slices.SortFunc(rows, func(a, b Count) int { return cmp.Compare(a.Bidder, b.Bidder) })
	return rows
}
