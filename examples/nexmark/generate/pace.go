package generate

import (
	"context"
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Pace says when events leave, by the wall clock.
type Pace int

// The paces.
const (
	// FlatOut events leave as fast as they are taken.
	FlatOut Pace = iota
	// Steady events leave as fast as their event time advances, which is Rate
	// a second, counted from when their split was opened. What was held up is
	// made up for.
	Steady
	// OnTime events leave at their own time, for which Start has to be when
	// the run begins. What was held up leaves late and keeps its time: how
	// much later than that a result appears is its latency.
	OnTime
)

// A pacer keeps a reader to its pace.
type pacer struct {
	pace Pace
	lead time.Duration // of event time before the wall clock
}

// newPacer begins now with an event of the given time.
func newPacer(p Pace, next event.Time) pacer {
	if p != Steady {
		return pacer{pace: p}
	}
	return pacer{p, time.Until(next.Time())}
}

// wait waits for the wall clock to reach an event time and returns the time
// that it has then reached.
func (p pacer) wait(ctx context.Context, at event.Time) (event.Time, error) {
	now := time.Now()
	d := at.Time().Sub(now.Add(p.lead))
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case now = <-timer.C:
		}
	}
	return max(at, event.TimeOf(now.Add(p.lead))), ctx.Err()
}
