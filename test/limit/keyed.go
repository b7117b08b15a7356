package limit

import (
	"slices"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
)

const day = 24 * 60 * 60 * 1000 // in milliseconds

// Q15 counts the bids of each day, their bidders and their auctions: all of
// them, and those with prices in each of three ranks.
func Q15(n int64, cfg generate.Config) (r Result, err error) {
	all, err := bids(n, cfg)
	if err != nil {
		return r, err
	}
	var d *daily
	for b := range all {
		if today := b.DateTime / day; d == nil || d.day != today {
			d = &daily{day: today, bidders: distinct{seen: map[int64]uint8{}},
				auctions: distinct{seen: map[int64]uint8{}}}
		}
		rank := rankOf(b.Price)
		d.bids[0]++
		d.bids[rank]++
		d.bidders.add(b.Bidder, rank)
		d.auctions.add(b.Auction, rank)
		r.row(int64(d.day)*4+int64(rank), pack(d.bids, rank), pack(d.bidders.n, rank),
			pack(d.auctions.n, rank))
	}
	return r, nil
}

// pack is the count of all ranks and that of one, as one number.
func pack(n [4]int64, rank int) int64 { return n[0]<<32 | n[rank] }

// daily is the row of a day. Index 0 is for all ranks.
type daily struct {
	day               event.Time
	bids              [4]int64
	bidders, auctions distinct
}

// rankOf is 1, 2 or 3.
func rankOf(price int64) int {
	switch {
	case price < 10_000:
		return 1
	case price < 1_000_000:
		return 2
	}
	return 3
}

// distinct counts ids: all of them, and those seen with each rank.
type distinct struct {
	n    [4]int64
	seen map[int64]uint8 // bits of ranks; bit 0 is always set
}

func (d *distinct) add(id int64, rank int) {
	before := d.seen[id]
	after := before | 1 | 1<<rank
	if after == before {
		return
	}
	d.seen[id] = after
	d.n[rank]++
	if before == 0 {
		d.n[0]++
	}
}

// Q19 keeps the ten highest bids of each auction, of equal ones the earlier.
func Q19(n int64, cfg generate.Config) (r Result, err error) {
	all, err := bids(n, cfg)
	if err != nil {
		return r, err
	}
	tops := map[int64][]event.Bid{}
	for b := range all {
		top := tops[b.Auction]
		at := len(top)
		for at > 0 && top[at-1].Price < b.Price {
			at--
		}
		if at == ranks {
			continue
		}
		if len(top) == ranks {
			top = top[:ranks-1]
		}
		top = slices.Insert(top, at, *b)
		tops[b.Auction] = top
		for rank := at; rank < len(top); rank++ {
			r.row(b.Auction, int64(rank+1), top[rank].Bidder, top[rank].Price)
		}
	}
	return r, nil
}

// ranks is how many bids of an auction are kept.
const ranks = 10
