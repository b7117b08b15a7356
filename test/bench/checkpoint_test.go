package bench

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
)

const (
	manyKeys = 1_000_000
	hotKeys  = manyKeys / 10
	many     = 60_000_000
)

// hotEvent visits every key once and then a tenth of them, so that each
// checkpoint finds a tenth of the state changed.
func hotEvent(i int64) event {
	if i < manyKeys {
		return event{Key: uint64(i), Value: 1}
	}
	return event{Key: uint64(i) * 0x9e3779b97f4a7c15 >> 32 % hotKeys * 10, Value: 1}
}

// BenchmarkCheckpoints compares a flow that takes a checkpoint every second,
// over a million keys of which a tenth change in that time, with the same flow
// that takes none until its end. Throughput is the inverse of the ratio.
func BenchmarkCheckpoints(b *testing.B) {
	flow := func(interval time.Duration) (*actors.Job, time.Duration) {
		return run(b, count(source{n: many, at: hotEvent}, &adder{}),
			actors.Config{CheckpointInterval: interval})
	}
	var taken, n int64
	compare(b, func() time.Duration {
		_, took := flow(-1)
		return took
	}, func() time.Duration {
		j, took := flow(time.Second)
		taken, n = taken+j.Stats().Checkpoints.Completed, n+1
		return took
	})
	b.ReportMetric(float64(taken)/float64(n), "checkpoints")
}
