package query

import (
	"cmp"
	"slices"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
)

// SellerPrice is a row of q6.
type SellerPrice struct {
	Seller   int64 `json:"seller"`
	AvgPrice int64 `json:"avg_price"`
}

// Q6 averages the last ten winning bids of each seller's auctions: the latest
// by the time of the bid, as in Apache Beam's Query6, for SQL cannot say it.
func Q6(events Events, s Settings) dataflow.Stream[SellerPrice] {
	averages := dataflow.Regroup(winners(events), "average", seller, lastPrices(s.Sales))
	return dataflow.Map(averages.Updates(), "row", sellerPrice)
}

func seller(_ int64, f final) int64 { return f.Lot.Seller }

// lastPrices averages the last n winning bids. It holds all of them, the
// earliest first, because any of them may be taken back.
func lastPrices(n int) agg.Aggregate[final, []offer, int64] {
	return agg.Aggregate[final, []offer, int64]{
		Add: func(all []offer, f final) []offer {
			i, _ := slices.BinarySearchFunc(all, f.Offer, offer.compare)
			return slices.Insert(all, i, f.Offer)
		},
		Merge: func(all, others []offer) []offer {
			all = append(all, others...)
			slices.SortFunc(all, offer.compare)
			return all
		},
		Subtract: func(all, others []offer) []offer {
			return slices.DeleteFunc(all, func(o offer) bool {
				_, found := slices.BinarySearchFunc(others, o, offer.compare)
				return found
			})
		},
		Result: func(all []offer) int64 {
			last := all[max(0, len(all)-n):]
			total := int64(0)
			for _, o := range last {
				total += o.Price
			}
			return total / max(int64(len(last)), 1)
		},
		Name: "last", Commutative: true,
	}
}

// compare orders offers by time, then price, as Beam does.
func (o offer) compare(p offer) int {
	return cmp.Or(cmp.Compare(o.At, p.At), cmp.Compare(o.Price, p.Price), cmp.Compare(o.Seq, p.Seq))
}

func sellerPrice(u dataflow.Update[int64, int64]) SellerPrice { return SellerPrice{u.Key, u.After} }

func (s SellerPrice) key() int64 { return s.Seller }
