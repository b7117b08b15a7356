package main

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// tally is what the sinks of a run have seen. It is safe for concurrent use.
type tally struct {
	paced bool

	mu      sync.Mutex
	count   int64
	latency *hdrhistogram.Histogram // in microseconds
}

// longest is the highest latency that is told apart from others.
const longest = 10 * time.Minute

func newTally(paced bool) *tally {
	return &tally{paced: paced, latency: hdrhistogram.New(1, longest.Microseconds(), 3)}
}

// rows takes the event times of a batch of rows.
func (t *tally) rows(times []operator.Timestamp) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count += int64(len(times))
	if !t.paced {
		return
	}
	now := operator.TimestampOf(time.Now())
	for _, at := range times {
		late := min(max(time.Duration(now-at), time.Microsecond), longest)
		// It is within the histogram's range, so there is no error.
		_ = t.latency.RecordValue(late.Microseconds())
	}
}

// quantile is in milliseconds.
func (t *tally) quantile(percent float64) float64 {
	return float64(t.latency.ValueAtPercentile(percent)) / 1000
}
