package actors

import (
	"sync/atomic"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// meter is what a task counts about itself. The task alone writes, anyone may
// read: the only state that tasks share with observers.
type meter struct {
	recordsIn, recordsOut atomic.Int64
	bytesIn, bytesOut     atomic.Int64
	busy, blocked         atomic.Int64 // nanoseconds
	capture, encode       atomic.Int64 // nanoseconds
	lost                  atomic.Int64 // nanoseconds that a checkpoint is predicted to cost
	entries               atomic.Int64
	watermark             atomic.Int64
	alignment             atomic.Int64 // nanoseconds, of the latest checkpoint

	// partial asks the clock for a tick within the linger time; alarm is the
	// processing time at which an operator wants to be woken.
	partial atomic.Bool
	alarm   atomic.Int64
	// ticked and controlled say that a message of the clock's waits in the
	// mailbox: there is never a second one.
	ticked, controlled atomic.Bool
	// due says that a control period has passed: the task ends it after
	// whatever message it is at, however many wait before the clock's.
	due      atomic.Bool
	governed atomic.Pointer[Governed]
}

func newMeter() *meter {
	m := &meter{}
	m.watermark.Store(int64(operator.MinTimestamp))
	m.alarm.Store(int64(operator.MaxTimestamp))
	return m
}

// add fills in the measured part of a task's stats.
func (m *meter) add(s *TaskStats) {
	s.RecordsIn, s.RecordsOut = m.recordsIn.Load(), m.recordsOut.Load()
	s.BytesIn, s.BytesOut = m.bytesIn.Load(), m.bytesOut.Load()
	s.Blocked = time.Duration(m.blocked.Load())
	s.Busy = max(0, time.Duration(m.busy.Load())-s.Blocked)
	s.Watermark = operator.Timestamp(m.watermark.Load())
	s.Entries = m.entries.Load()
	if g := m.governed.Load(); g != nil {
		s.Governed = *g
	}
}
