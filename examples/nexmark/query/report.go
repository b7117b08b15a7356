package query

import "github.com/flyball-stream/flyball/dataflow"

// Report is the columns that q15 and q16 share: bids, those who made them and
// the auctions that they were for, each in all and by price.
type Report struct {
	TotalBids     int64 `json:"total_bids"`
	Rank1Bids     int64 `json:"rank1_bids"`
	Rank2Bids     int64 `json:"rank2_bids"`
	Rank3Bids     int64 `json:"rank3_bids"`
	TotalBidders  int64 `json:"total_bidders"`
	Rank1Bidders  int64 `json:"rank1_bidders"`
	Rank2Bidders  int64 `json:"rank2_bidders"`
	Rank3Bidders  int64 `json:"rank3_bidders"`
	TotalAuctions int64 `json:"total_auctions"`
	Rank1Auctions int64 `json:"rank1_auctions"`
	Rank2Auctions int64 `json:"rank2_auctions"`
	Rank3Auctions int64 `json:"rank3_auctions"`
}

// tally is what a Report is made of. Bidders and auctions count once at each
// level of price.
type tally struct {
	Bids, Bidders, Auctions levels
	Minute                  Minute // the last of the day
}

func (t tally) report() Report {
	b, p, a := t.Bids, t.Bidders, t.Auctions
	return Report{b[0], b[1], b[2], b[3], p[0], p[1], p[2], p[3], a[0], a[1], a[2], a[3]}
}

// reporter keeps the tally of each key.
type reporter[K comparable] struct {
	tally             dataflow.Value[tally]
	bidders, auctions dataflow.Distinct[int64]
}

func newReporter[K comparable]() *reporter[K] {
	return &reporter[K]{
		tally:    dataflow.NewValue[tally]("tally"),
		bidders:  dataflow.NewDistinct[int64]("bidders"),
		auctions: dataflow.NewDistinct[int64]("auctions"),
	}
}

// Process counts a bid.
func (r *reporter[K]) Process(c *dataflow.Context[K, dataflow.Entry[K, tally]], b reported) error {
	t, err := r.tally.Get(c)
	if err != nil {
		return err
	}
	in := classes(b.Price)
	newBidder, err := r.bidders.Add(c, b.Bidder, in)
	if err != nil {
		return err
	}
	newAuction, err := r.auctions.Add(c, b.Auction, in)
	if err != nil {
		return err
	}
	t = tally{
		t.Bids.plus(in), t.Bidders.plus(newBidder), t.Auctions.plus(newAuction),
		max(t.Minute, b.Minute),
	}
	c.Emit(dataflow.Entry[K, tally]{Key: c.Key(), Value: t})
	return r.tally.Set(c, t)
}
