package dataflowtest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
)

// counts is a stage: the function that the flow calls and that tests call.
func counts(words dataflow.Stream[string]) dataflow.Stream[dataflow.Entry[string, int64]] {
	same := func(w string) string { return w }
	return dataflow.Rolling(dataflow.KeyBy(words, "by-word", same), "count", agg.Count[string]())
}

// In a test, testing gives t.
func ExampleOperator() {
	test := func(t *testing.T) {
		script := dataflowtest.NewScript[string]().
			At(0, "to", "be").
			Watermark(time.Minute).
			At(time.Minute, "to")
		dataflowtest.Operator(t, script, func(s dataflow.Stream[string]) {
			dataflowtest.Expect(counts(s), "counts", of("to", 1), of("be", 1), of("to", 2))
		})
	}
	_ = test
}

// The source fails once on the way: exactly-once flows do not show it.
func ExampleRun() {
	test := func(t *testing.T) {
		words := []string{"to", "be", "or", "not", "to", "be"}
		var out *dataflowtest.Collected[dataflow.Entry[string, int64]]
		dataflowtest.Run(t, func(g *dataflow.Graph) {
			in := dataflowtest.FromSlice(g, "words", words, dataflowtest.FailAt[string](4))
			out = dataflowtest.Collect(counts(in), "out")
		})
		if got := out.Values(); len(got) != 6 || !slices.Contains(got, of("be", 2)) {
			t.Errorf("got %v", got)
		}
	}
	_ = test
}

// A connector's own test gives its source to the kit.
func ExampleTestSource() {
	test := func(t *testing.T) {
		dataflowtest.TestSource(t, func() dataflow.Source[string] {
			return dataflowtest.SliceSource([]string{"to", "be"})
		})
	}
	_ = test
}
