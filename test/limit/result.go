package limit

import (
	"errors"
	"iter"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
)

// Result is what a loop found.
type Result struct {
	Rows int64
	Sum  uint64 // over the rows in any order
}

// row counts a row with up to four numbers.
func (r *Result) row(a, b, c, d int64) {
	const odd = 0x9E3779B97F4A7C15
	h := ((uint64(a)*odd+uint64(b))*odd+uint64(c))*odd + uint64(d)
	r.Sum += (h ^ h>>32) * odd
	r.Rows++
}

// A Query runs a query over the first n events of a configuration. It returns
// an error if the configuration is wrong or its events are not in order.
type Query func(n int64, cfg generate.Config) (Result, error)

// Queries are the loops by the number of their query.
var Queries = map[int]Query{0: Q0, 1: Q1, 2: Q2, 5: Q5, 7: Q7, 8: Q8, 15: Q15, 19: Q19}

// batch is how many events are made at a time.
const batch = 256

// events makes the first n events in order. An event is valid until the next.
func events(n int64, cfg generate.Config) (iter.Seq[*event.Event], error) {
	if cfg.Disorder() > 0 {
		return nil, errors.New("run the loop: the events are not in order; leave out Shuffle and Late")
	}
	g, err := generate.New(cfg, max(n, 0))
	if err != nil {
		return nil, err
	}
	return func(yield func(*event.Event) bool) {
		all := make([]event.Event, batch)
		for got := batch; got == batch; {
			got = g.Fill(all)
			for i := range all[:got] {
				if !yield(&all[i]) {
					return
				}
			}
		}
	}, nil
}

// bids are the bids among the first n events.
func bids(n int64, cfg generate.Config) (iter.Seq[*event.Bid], error) {
	all, err := events(n, cfg)
	if err != nil {
		return nil, err
	}
	return func(yield func(*event.Bid) bool) {
		for e := range all {
			if e.Kind == event.BidKind && !yield(&e.Bid) {
				return
			}
		}
	}, nil
}
