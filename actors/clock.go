package actors

import (
	"context"
	"math"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// clock is where the engine reads time. Operators see it only as arguments.
type clock struct{ start time.Time }

func newClock() clock { return clock{time.Now()} }

// now is processing time.
func (clock) now() operator.Timestamp { return operator.Timestamp(time.Now().UnixNano()) }

// wall is now as the rest of the engine writes it.
func (clock) wall() time.Time { return time.Now() }

// mono is monotonic time in nanoseconds, for differences.
func (c clock) mono() int64 { return int64(time.Since(c.start)) }

// monoAt is a wall time as monotonic nanoseconds.
func (c clock) monoAt(t time.Time) int64 { return int64(t.Sub(c.start)) }

// beat sends the ticks of one attempt until ctx ends: to a task when it has
// something to flush or an alarm is due, to sources for idleness, to the job
// for its checkpoints. A task that waits for nothing hears nothing.
func (a *attempt) beat(ctx context.Context) {
	every := time.NewTicker(a.env.linger)
	defer every.Stop()
	var last time.Time
	used := processorTime()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		now := time.Now()
		slow := now.Sub(last) >= a.cfg.ControlPeriod
		for _, t := range a.tasks {
			m := t.meter
			due := m.partial.Load() || now.UnixNano() >= m.alarm.Load() || slow && t.source != nil
			if due && !m.ticked.Swap(true) {
				a.env.root.Send(t.pid, tick{operator.Timestamp(now.UnixNano())})
			}
			if !slow {
				continue
			}
			if m.due.Store(true); !m.controlled.Swap(true) {
				a.env.root.Send(t.pid, control{})
			}
		}
		if slow {
			was := used
			used = processorTime()
			could := now.Sub(last).Seconds() * float64(runtime.GOMAXPROCS(0))
			a.env.conditions.processors.Store(math.Float64bits((used - was).Seconds() / could))
			last = now
			a.env.conditions.memory.Store(memoryInUse())
		}
		a.env.root.Send(a.env.job, jobTick{now})
	}
}

// wait waits for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// memoryInUse is the memory that the process has from the system, in bytes,
// without what the collector has given back.
func memoryInUse() int64 {
	s := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}
