package query

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
)

// CategoryPrice is a row of q4.
type CategoryPrice struct {
	Category int64 `json:"category"`
	Final    int64 `json:"final"`
}

// Q4 averages the winning bids of the auctions in each category. When a higher
// bid wins, the average takes back the one before.
func Q4(events Events, _ Settings) dataflow.Stream[CategoryPrice] {
	averages := dataflow.Regroup(winners(events), "average", category, averagePrice)
	return dataflow.Map(averages.Updates(), "row", categoryPrice)
}

func category(_ int64, f final) int64 { return f.Lot.Category }

// sum is how many prices there are, and their sum.
type sum struct{ N, Price int64 }

// averagePrice is the average that SQL takes of integers, itself an integer.
var averagePrice = agg.Aggregate[final, sum, int64]{
	Add:         func(s sum, f final) sum { return sum{s.N + 1, s.Price + f.Offer.Price} },
	Merge:       func(s, t sum) sum { return sum{s.N + t.N, s.Price + t.Price} },
	Subtract:    func(s, t sum) sum { return sum{s.N - t.N, s.Price - t.Price} },
	Result:      func(s sum) int64 { return s.Price / max(s.N, 1) },
	Name:        "average",
	Commutative: true,
}

func categoryPrice(u dataflow.Update[int64, int64]) CategoryPrice {
	return CategoryPrice{u.Key, u.After}
}

func (c CategoryPrice) key() int64 { return c.Category }
