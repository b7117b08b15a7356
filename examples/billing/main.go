// Command billing adds up orders by account and hour. See doc.go.
package main

import (
	"errors"
	"time"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Params become the flags -in and -out.
type Params struct {
	In  string `default:"examples/billing/data/orders.jsonl" help:"orders: a file, directory or pattern"`
	Out string `help:"directory for the results; empty is a new temporary one"`
}

// Order is a line of the input.
type Order struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Cents   int64     `json:"cents"`
	At      time.Time `json:"at"`
}

// Bill is what an account owes for the orders of an hour.
type Bill struct {
	Account string    `json:"account"`
	Hour    time.Time `json:"hour"`
	Orders  int64     `json:"orders"`
	Cents   int64     `json:"cents"`
}

// Billing is the flow.
var Billing = dataflow.Define("billing", dataflow.ExactlyOnce, func(g *dataflow.Graph, p Params) {
	orders, torn := file.TryReadJSON(g, "orders", p.In, dataflow.EventTime(at, 10*time.Minute))
	sound, unsound := dataflow.TryMap(orders, "check", check)
	byID := dataflow.KeyBy(sound, "by-id", func(o Order) string { return o.ID })
	once := dataflow.Process(byID, "once", newDedupe)

	byAccount := dataflow.KeyBy(once, "by-account", func(o Order) string { return o.Account })
	hourly := dataflow.Window(byAccount, window.Tumbling(time.Hour))
	sums := dataflow.Aggregate(hourly, "sum", agg.Tuple(agg.Count[Order](), agg.Sum(cents)))
	file.WriteJSON(dataflow.Map(sums, "bill", bill), "bills", p.path("bills"))
	file.WriteJSON(dataflow.Late(hourly, "late"), "late-orders", p.path("late"))

	letters := dataflow.Union(dataflow.Map(torn, "torn", tornLetter), "letters",
		dataflow.Map(unsound, "unsound", unsoundLetter))
	file.WriteJSON(letters, "dead-letters", p.path("dead"))
})

// dedupe passes the first order with its number and forgets it a day later.
type dedupe struct{ seen dataflow.Value[bool] }

func newDedupe() *dedupe { return &dedupe{dataflow.NewValue[bool]("seen")} }

// Process passes o on if it is the first with its number.
func (d *dedupe) Process(c *dataflow.Context[string, Order], o Order) error {
	if seen, err := d.seen.Get(c); err != nil || seen {
		c.Count("duplicates", 1)
		return err
	}
	c.Emit(o)
	c.SetTimer(c.Time().Add(24 * time.Hour))
	return d.seen.Set(c, true)
}

// OnTimer forgets a number.
func (d *dedupe) OnTimer(c *dataflow.Context[string, Order], _ time.Time) error {
	return d.seen.Clear(c)
}

func check(o Order) (Order, error) {
	if o.ID == "" || o.Account == "" || o.Cents <= 0 || o.At.IsZero() {
		return o, errors.New("an order needs an id, an account, a time and an amount above 0")
	}
	return o, nil
}

func main() {
	cluster.MainWith(cluster.Options{Flows: []*dataflow.Flow{Billing}, After: cluster.After(show)})
}
