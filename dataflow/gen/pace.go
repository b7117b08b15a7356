package gen

import (
	"context"
	"time"
)

// A pace lets records through at a rate.
type pace struct {
	every float64 // nanoseconds between two records; 0 means no limit
	start time.Time
	done  int64 // records since start
}

// maxBehind bounds the burst with which a reader that was held up catches up.
const maxBehind = time.Second

// wait returns how many records are due, at most n, waiting for the first.
func (p *pace) wait(ctx context.Context, n int) (int, error) {
	if p.every == 0 {
		return n, ctx.Err()
	}
	now := time.Now()
	if p.start.IsZero() {
		p.start = now
	}
	if now.Sub(p.at(p.done)) > maxBehind {
		p.start, p.done = now, 0
	}
	if d := p.at(p.done).Sub(now); d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case now = <-timer.C:
		}
	}
	due := int64(float64(now.Sub(p.start))/p.every) + 1 - p.done
	due = max(1, min(due, int64(n)))
	p.done += due
	return int(due), ctx.Err()
}

// at is when record i after the start is due.
func (p *pace) at(i int64) time.Time { return p.start.Add(time.Duration(float64(i) * p.every)) }
