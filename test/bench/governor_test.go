package bench

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/governor"
)

// governed is the number of events: some seconds of them, since a governor
// learns at first.
const governed = 4 * events

// BenchmarkGovernor compares a flow whose governor has nothing to govern, a goal
// that is far away and no checkpoint, with the same flow and fixed windows.
func BenchmarkGovernor(b *testing.B) {
	flow := func(cfg actors.Config) time.Duration {
		cfg.CheckpointInterval = -1
		_, took := run(b, count(source{n: governed, at: eventAt}, &adder{}), cfg)
		return took
	}
	compare(b, func() time.Duration { return flow(actors.Config{}) }, func() time.Duration {
		return flow(actors.Config{
			Goals:  governor.Goals{Latency: time.Second},
			Policy: func(c governor.Config) governor.Policy { return governor.New(c) },
		})
	})
}
