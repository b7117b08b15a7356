package limit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
)

// naive versions say what the queries mean, over all events at once.
var naive = map[int]func(all []event.Event, r *Result){
	0: func(all []event.Event, r *Result) {
		for _, b := range bidsOf(all) {
			r.row(b.Auction, b.Bidder, b.Price, int64(b.DateTime))
		}
	},
	1: func(all []event.Event, r *Result) {
		for _, b := range bidsOf(all) {
			r.row(b.Auction, b.Bidder, 908*b.Price, int64(b.DateTime))
		}
	},
	2: func(all []event.Event, r *Result) {
		for _, b := range bidsOf(all) {
			if b.Auction/123*123 == b.Auction {
				r.row(b.Auction, b.Price, 0, 0)
			}
		}
	},
	5:  naiveHotItems,
	7:  naiveHighest,
	8:  naiveNewSellers,
	15: naiveDaily,
	19: naiveTop,
}

func bidsOf(all []event.Event) (bids []event.Bid) {
	for _, e := range all {
		if e.Kind == event.BidKind {
			bids = append(bids, e.Bid)
		}
	}
	return bids
}

// starts are the beginnings of the windows that hold a time.
func starts(at event.Time, length, slide event.Time) (all []event.Time) {
	for s := at - at%slide; s+length > at; s -= slide {
		all = append(all, s)
	}
	return all
}

func naiveHotItems(all []event.Event, r *Result) {
	counts := map[event.Time]map[int64]int64{}
	for _, b := range bidsOf(all) {
		for _, s := range starts(b.DateTime, 10_000, 2000) {
			if counts[s] == nil {
				counts[s] = map[int64]int64{}
			}
			counts[s][b.Auction]++
		}
	}
	for s, byAuction := range counts {
		most := slices.Max(slices.Collect(maps.Values(byAuction)))
		for auction, n := range byAuction {
			if n == most {
				r.row(auction, n, int64(s+10_000), 0)
			}
		}
	}
}

func naiveHighest(all []event.Event, r *Result) {
	windows := map[event.Time][]event.Bid{}
	for _, b := range bidsOf(all) {
		s := starts(b.DateTime, 10_000, 10_000)[0]
		windows[s] = append(windows[s], b)
	}
	for _, bids := range windows {
		highest := slices.MaxFunc(bids, func(a, b event.Bid) int { return cmp.Compare(a.Price, b.Price) })
		for _, b := range bids {
			if b.Price == highest.Price {
				r.row(b.Auction, b.Bidder, b.Price, int64(b.DateTime))
			}
		}
	}
}

func naiveNewSellers(all []event.Event, r *Result) {
	type seller struct {
		id    int64
		start event.Time
	}
	sellers := map[seller]bool{}
	for _, e := range all {
		if e.Kind == event.AuctionKind {
			start := starts(e.At(), 10_000, 10_000)[0]
			sellers[seller{e.Auction.Seller, start}] = true
		}
	}
	for _, e := range all {
		if e.Kind == event.PersonKind {
			start := starts(e.At(), 10_000, 10_000)[0]
			if sellers[seller{e.Person.ID, start}] {
				r.row(e.Person.ID, int64(len(e.Person.Name)), int64(start), 0)
			}
		}
	}
}

func naiveDaily(all []event.Event, r *Result) {
	type key struct {
		day  string
		rank int // 0 is all
		what string
		id   int64
	}
	seen, counts := map[key]bool{}, map[key]int64{}
	for _, b := range bidsOf(all) {
		day, rank := b.DateTime.Time().Format(time.DateOnly), 3
		if b.Price < 10_000 {
			rank = 1
		} else if b.Price < 1_000_000 {
			rank = 2
		}
		for _, rank := range []int{0, rank} {
			counts[key{day, rank, "bids", 0}]++
			for what, id := range map[string]int64{"bidders": b.Bidder, "auctions": b.Auction} {
				if k := (key{day, rank, what, id}); !seen[k] {
					seen[k] = true
					counts[key{day, rank, what, 0}]++
				}
			}
		}
		both := func(what string) int64 {
			return counts[key{day, 0, what, 0}]<<32 | counts[key{day, rank, what, 0}]
		}
		days := int64(b.DateTime.Time().Sub(time.Unix(0, 0)) / (24 * time.Hour))
		r.row(days*4+int64(rank), both("bids"), both("bidders"), both("auctions"))
	}
}

func naiveTop(all []event.Event, r *Result) {
	tops := map[int64][]event.Bid{}
	for _, b := range bidsOf(all) {
		before := tops[b.Auction]
		top := append(slices.Clone(before), b)
		slices.SortStableFunc(top, func(a, b event.Bid) int { return cmp.Compare(b.Price, a.Price) })
		top = top[:min(10, len(top))]
		for i, now := range top {
			if i >= len(before) || before[i] != now {
				r.row(b.Auction, int64(i+1), now.Bidder, now.Price)
			}
		}
		tops[b.Auction] = top
	}
}

func TestLoopsFindWhatNaiveOnesFind(t *testing.T) {
	nearMidnight := event.Time(1437004790_000) // 2015-07-15T23:59:50Z
	for number, loop := range Queries {
		t.Run(fmt.Sprintf("q%d", number), func(t *testing.T) {
			for _, c := range []struct {
				n   int64
				cfg generate.Config
			}{
				{0, generate.Config{}}, {1, generate.Config{}}, {15_000, generate.Config{Rate: 500}},
				{12_000, generate.Config{Rate: 400, Start: nearMidnight, Seed: 3}},
				{1000, generate.Config{Rate: 1, Seed: 4}},
			} {
				got, err := loop(c.n, c.cfg)
				if err != nil {
					t.Fatal(err)
				}
				g, err := generate.New(c.cfg, c.n)
				if err != nil {
					t.Fatal(err)
				}
				all := make([]event.Event, c.n)
				g.Fill(all)
				var want Result
				if naive[number](all, &want); got != want {
					t.Errorf("%d events of %+v: got %+v, want %+v", c.n, c.cfg, got, want)
				}
				if c.n > 10_000 && got.Rows == 0 {
					t.Errorf("%d events of %+v: there are no rows", c.n, c.cfg)
				}
			}
		})
	}
}

func TestHighestKeepsTies(t *testing.T) {
	var h highest
	for auction, price := range []int64{5, 3, 5, 9, 7, 9} {
		h.add(&event.Bid{Auction: int64(auction), Price: price})
	}
	want := highest{{Auction: 3, Price: 9}, {Auction: 5, Price: 9}}
	if !slices.Equal(h, want) {
		t.Errorf("got %v, want %v", h, want)
	}
}

func TestLoopsRefuse(t *testing.T) {
	for number, loop := range Queries {
		for _, cfg := range []generate.Config{{Shuffle: 1000}, {Late: 0.1}, {Rate: -1}} {
			if _, err := loop(10, cfg); err == nil {
				t.Errorf("query %d accepts %+v", number, cfg)
			}
		}
	}
}

// BenchmarkLoops runs a million events through each loop, and through the
// generator alone.
func BenchmarkLoops(b *testing.B) {
	const n = 1_000_000
	run := func(name string, loop Query) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := loop(n, generate.Config{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
		})
	}
	run("none", func(n int64, cfg generate.Config) (r Result, err error) {
		all, err := events(n, cfg)
		for range all {
			r.Rows++
		}
		return r, err
	})
	for _, number := range slices.Sorted(maps.Keys(Queries)) {
		run(fmt.Sprintf("q%d", number), Queries[number])
	}
}
