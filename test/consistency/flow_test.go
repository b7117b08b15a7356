package consistency

import (
	"path/filepath"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/gen"
)

const (
	accounts = 10
	disorder = 10 * time.Second
	splits   = 8 // of the source; a transfer's is its number modulo this
)

// transfer is one dollar that goes from an account to another, or the same.
type transfer struct {
	Number   int64
	From, To int64
	At       time.Time
}

func dollars(transfer) int64 { return 1 }

// transferOf is transfer i of n: they come within a minute, each up to ten
// seconds after it was made.
func transferOf(i, n int64) transfer {
	r := mix(uint64(i) + 42)
	came := time.Duration(float64(time.Minute) * float64(i) / float64(n))
	delay := time.Duration(r >> 32 % uint64(disorder))
	return transfer{
		Number: i, From: int64(r % accounts), To: int64(r / accounts % accounts),
		At: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).Add(came - delay),
	}
}

// mix is the output function of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x *= 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// row is a line of the output: the value that a view has for an account, for
// all accounts, or for a split.
type row struct {
	Key   int64 `json:"key"`
	Value int64 `json:"value"`
}

// The views, by the beginning of the names of their files.
const (
	creditsView = "credits"
	debitsView  = "debits"
	balanceView = "balance"
	totalView   = "total"
	readView    = "read"
)

// view is a table with rows as the output has them.
type view = dataflow.Table[int64, int64]

// define makes the flow. What passes watch passes through the step before all
// views.
func (c child) define(watch func(transfer) transfer) *dataflow.Flow {
	return dataflow.Define("consistency", dataflow.ExactlyOnce,
		func(g *dataflow.Graph, _ struct{}) {
			opts := []dataflow.ReadOption[transfer]{
				dataflow.EventTime(func(t transfer) time.Time { return t.At }, disorder),
				gen.Splits[transfer](splits),
			}
			if c.Rate > 0 {
				opts = append(opts, gen.Rate[transfer](c.Rate))
			}
			made := gen.Records(g, "transfers", c.Transfers,
				func(i int64) transfer { return transferOf(i, c.Transfers) }, opts...)
			transfers := dataflow.Map(made, "watch", watch)

			to := dataflow.KeyBy(transfers, "to", func(t transfer) int64 { return t.To })
			from := dataflow.KeyBy(transfers, "from", func(t transfer) int64 { return t.From })
			split := dataflow.KeyBy(transfers, "split",
				func(t transfer) int64 { return t.Number % splits })

			credits := dataflow.Fold(to, creditsView, agg.Sum(dollars))
			debits := dataflow.Fold(from, debitsView, agg.Sum(dollars))
			balance := dataflow.JoinTables(credits, balanceView, debits, difference)
			total := dataflow.Regroup(balance, totalView,
				func(int64, int64) int64 { return 0 },
				agg.Sum(func(balance int64) int64 { return balance }))

			c.write(credits, creditsView)
			c.write(debits, debitsView)
			c.write(balance, balanceView)
			c.write(total, totalView)
			c.write(dataflow.Fold(split, readView, agg.Count[transfer]()), readView)
		})
}

func difference(_ int64, credit, debit *int64) (balance int64, ok bool) {
	if credit != nil {
		balance += *credit
	}
	if debit != nil {
		balance -= *debit
	}
	return balance, true
}

// write writes a view to files: at each checkpoint the rows that have changed,
// or each change as it comes.
func (c child) write(v view, name string) {
	updates := v.Updates()
	if !c.Eager {
		updates = dataflow.Latest(updates, name+"-cut",
			func(u dataflow.Update[int64, int64]) int64 { return u.Key }, dataflow.AtBarrier())
	}
	rows := dataflow.Map(updates, name+"-rows",
		func(u dataflow.Update[int64, int64]) row { return row{u.Key, u.After} })
	file.WriteJSON(rows, name+"-out", filepath.Join(c.Out, name))
}
