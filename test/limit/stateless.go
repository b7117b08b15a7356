package limit

import "github.com/flyball-stream/flyball/examples/nexmark/generate"

// Q0 passes bids through.
func Q0(n int64, cfg generate.Config) (r Result, err error) {
	all, err := bids(n, cfg)
	if err != nil {
		return r, err
	}
	for b := range all {
		r.row(b.Auction, b.Bidder, b.Price, int64(b.DateTime))
	}
	return r, nil
}

// Q1 converts prices to euros, in thousandths of a cent.
func Q1(n int64, cfg generate.Config) (r Result, err error) {
	all, err := bids(n, cfg)
	if err != nil {
		return r, err
	}
	for b := range all {
		r.row(b.Auction, b.Bidder, b.Price*908, int64(b.DateTime))
	}
	return r, nil
}

// Q2 selects the bids for every 123rd auction.
func Q2(n int64, cfg generate.Config) (r Result, err error) {
	all, err := bids(n, cfg)
	if err != nil {
		return r, err
	}
	for b := range all {
		if b.Auction%123 == 0 {
			r.row(b.Auction, b.Price, 0, 0)
		}
	}
	return r, nil
}
