package dataflow_test

import (
	"context"
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
)

type Order struct {
	ID    string
	Cents int64
	At    time.Time
}

func orderID(o Order) string      { return o.ID }
func orderedAt(o Order) time.Time { return o.At }
func on(day, hour int) time.Time  { return time.Date(2001, 1, day, hour, 0, 0, 0, time.UTC) }

// dedupe lets each order id through once a day.
type dedupe struct{ seen dataflow.Value[bool] }

func newDedupe() *dedupe {
	return &dedupe{dataflow.NewValue[bool]("seen", dataflow.TTL(24*time.Hour))}
}

func (d *dedupe) Process(c *dataflow.Context[string, Order], o Order) error {
	seen, err := d.seen.Get(c)
	if err != nil || seen {
		return err
	}
	c.Emit(o)
	return d.seen.Set(c, true)
}

func ExampleProcess() {
	orders := []Order{
		{"a", 100, on(1, 8)}, {"b", 250, on(1, 9)}, {"a", 100, on(1, 10)}, {"c", 5, on(2, 12)},
		{"a", 100, on(2, 13)},
	}
	var out *dataflowtest.Collected[Order]
	flow := dataflow.Define("orders", dataflow.ExactlyOnce,
		func(g *dataflow.Graph, _ struct{}) {
			in := dataflowtest.FromSlice(g, "orders", orders, dataflow.EventTime(orderedAt, 0))
			byID := dataflow.KeyBy(in, "by-id", orderID)
			out = dataflowtest.Collect(dataflow.Process(byID, "dedupe", newDedupe), "out")
		})
	g, err := flow.Build(flow.Params())
	if err != nil {
		fmt.Println(err)
		return
	}
	job, err := actors.New(g, actors.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer job.Close()
	if err := job.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	for _, o := range out.Values() {
		fmt.Println(o.ID, o.At.Format("2 January 15:04"))
	}
	// Output:
	// a 1 January 08:00
	// b 1 January 09:00
	// c 2 January 12:00
	// a 2 January 13:00
}
