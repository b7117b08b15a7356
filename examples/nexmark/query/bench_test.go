package query_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
	"github.com/flyball-stream/flyball/examples/nexmark/query"
)

// BenchmarkQueries runs each query on generated events whose rows are
// discarded, at parallelism 1 and 2 and without checkpoints. Allocations are those
// of the whole run by event: starting the engine makes 0.13, the events 0.03.
func BenchmarkQueries(b *testing.B) {
	for _, q := range query.All() {
		for _, parallelism := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", q.Name, parallelism), func(b *testing.B) {
				benchmark(b, q, parallelism)
			})
		}
	}
}

func benchmark(b *testing.B, q query.Query, parallelism int) {
	const n = 500_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		dataflowtest.Run(b, func(g *dataflow.Graph) {
			events := generate.Read(g, "events", n, generate.Config{}, event.Timed(4*time.Second))
			q.Add(events, query.Defaults(), query.Output{})
		}, func(c *actors.Config) { c.Parallelism, c.CheckpointInterval = parallelism, -1 })
	}
	runtime.ReadMemStats(&after)
	events := float64(b.N * n)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/events, "ns/event")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/events, "allocs/event")
}
