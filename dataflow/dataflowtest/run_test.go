package dataflowtest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
)

// numbers are 0 … n-1.
func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// last lets the key's latest record through when its timer fires, and counts.
type last struct {
	seen dataflow.MapState[int, bool]
	all  dataflow.List[int]
}

func newLast() *last {
	return &last{dataflow.NewMapState[int, bool]("seen"), dataflow.NewList[int]("all")}
}

func (l *last) Process(c *dataflow.Context[int, string], v int) error {
	if _, twice, err := l.seen.Get(c, v); err != nil || twice {
		return fmt.Errorf("record %d came twice: %w", v, err)
	}
	c.SetTimer(time.Unix(1, 0))
	if err := l.seen.Put(c, v, true); err != nil {
		return err
	}
	return l.all.Append(c, v)
}

func (l *last) OnTimer(c *dataflow.Context[int, string], _ time.Time) error {
	sum := 0
	for _, v := range l.all.All(c) {
		sum += v
	}
	n, err := l.seen.Len(c)
	c.Emit(fmt.Sprintf("%d: %d of sum %d", c.Key(), n, sum))
	return err
}

// TestRun runs a processor with all kinds of state on the engine, through a
// failure of the source.
func TestRun(t *testing.T) {
	const n, keys = 40_000, 100
	for _, failAt := range []int{-1, n / 2, n - 1} {
		t.Run(fmt.Sprint("failing at ", failAt), func(t *testing.T) {
			var out *dataflowtest.Collected[string]
			var plain *dataflowtest.Collected[int]
			dataflowtest.Run(t, func(g *dataflow.Graph) {
				s := dataflowtest.FromSlice(g, "in", numbers(n), dataflowtest.FailAt[int](failAt))
				keyed := dataflow.KeyBy(s, "by-rest", func(i int) int { return i % keys })
				out = dataflowtest.Collect(dataflow.Process(keyed, "last", newLast), "out")
				plain = dataflowtest.Collect(s, "plain", dataflow.Parallelism(1))
			}, func(c *actors.Config) { c.CheckpointInterval = 5 * time.Millisecond })
			var want []string
			for k := range keys {
				want = append(want, fmt.Sprintf("%d: %d of sum %d", k, n/keys,
					n/keys*k+keys*(n/keys-1)*(n/keys)/2))
			}
			got := out.Values()
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			passed := plain.Values()
			slices.Sort(passed)
			if !slices.Equal(passed, numbers(n)) {
				t.Errorf("got %d records, want %d, each once", len(passed), n)
			}
		})
	}
}
