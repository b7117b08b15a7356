package progress

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Bounded makes the watermarks of one split whose records are out of order by
// a bounded time: the watermark trails the latest event time by the bound.
type Bounded struct {
	disorder time.Duration
	latest   operator.Timestamp
}

// NewBounded starts at a watermark, [operator.MinTimestamp] for a split not
// yet read.
func NewBounded(disorder time.Duration, at operator.Timestamp) Bounded {
	b := Bounded{disorder, operator.MinTimestamp}
	if at > operator.MinTimestamp {
		b.latest = at.Add(disorder)
	}
	return b
}

// Observe notes the event times of a batch.
func (b *Bounded) Observe(times []operator.Timestamp) {
	for _, t := range times {
		b.latest = max(b.latest, t)
	}
}

// Watermark says that no record before it is to be expected. Records at the
// watermark itself are still on time.
func (b *Bounded) Watermark() operator.Timestamp {
	if b.latest == operator.MinTimestamp {
		return operator.MinTimestamp
	}
	return b.latest.Add(-b.disorder)
}
