package dataflowtest_test

import (
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/state"
)

func TestSliceSource(t *testing.T) {
	for _, n := range []int{0, 1, 512, 1500} {
		dataflowtest.TestSource(t, func() dataflow.Source[int] {
			return dataflowtest.SliceSource(numbers(n))
		})
	}
}

func TestCollected(t *testing.T) {
	place := func(*testing.T) dataflowtest.Output[int] {
		c := dataflowtest.NewCollected[int]()
		return dataflowtest.Output[int]{
			Sink:    c.Sink,
			Visible: func() ([]int, error) { return c.Values(), nil },
		}
	}
	dataflowtest.TestSink(t, place, func(i int) int { return i })
}

func TestMemoryBackend(t *testing.T) { dataflowtest.TestState(t, state.NewBackend) }
