package dataflow_test

import (
	"context"
	"fmt"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
)

// How many words occur once, twice, and so on: as a word occurs again, it moves
// from one group to the next.
func ExampleRegroup() {
	words := []string{"to", "be", "or", "not", "to", "be"}
	var out *dataflowtest.Collected[dataflow.Update[int64, int64]]
	flow := dataflow.Define("words", dataflow.ExactlyOnce,
		func(g *dataflow.Graph, _ struct{}) {
			in := dataflowtest.FromSlice(g, "words", words)
			byWord := dataflow.KeyBy(in, "by-word", func(w string) string { return w })
			times := dataflow.Fold(byWord, "times", agg.Count[string]())
			counts := dataflow.Regroup(times, "counts",
				func(_ string, times int64) int64 { return times }, agg.Count[int64]())
			out = dataflowtest.Collect(counts.Updates(), "out")
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
	for _, u := range out.Values() {
		fmt.Println(u.Kind, u.Key, u.Before, u.After)
	}
	// Output:
	// insert 1 0 1
	// change 1 1 2
	// change 1 2 3
	// change 1 3 4
	// change 1 4 3
	// insert 2 0 1
	// change 1 3 2
	// change 2 1 2
}
