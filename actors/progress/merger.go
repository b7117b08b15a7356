package progress

import "github.com/flyball-stream/flyball/dataflow/operator"

// A Merger keeps the watermarks of a task's inputs and reports their minimum.
type Merger struct {
	inputs []input
	low    operator.Timestamp
}

type input struct {
	at   operator.Timestamp
	idle bool
}

// NewMerger makes a merger of inputs numbered from 0, none of which has
// spoken. The reported watermark starts at low: [operator.MinTimestamp], or
// what it was when the task's checkpoint was taken.
func NewMerger(inputs int, low operator.Timestamp) *Merger {
	m := &Merger{inputs: make([]input, inputs), low: low}
	for i := range m.inputs {
		m.inputs[i].at = operator.MinTimestamp
	}
	return m
}

// Advance notes that an input has reached at, which also ends its idleness,
// and reports the minimum and whether it has risen. A watermark behind the
// input's own is ignored.
func (m *Merger) Advance(in int, at operator.Timestamp) (low operator.Timestamp, risen bool) {
	i := &m.inputs[in]
	i.idle = false
	i.at = max(i.at, at)
	return m.raise()
}

// Idle notes that an input has fallen silent and does not count until it
// advances again.
func (m *Merger) Idle(in int) (low operator.Timestamp, risen bool) {
	m.inputs[in].idle = true
	return m.raise()
}

// AllIdle reports whether nothing is to be heard for now: every input is idle
// or at the end of time, and not all are there. Then the task is idle too.
func (m *Merger) AllIdle() bool {
	idle := false
	for _, i := range m.inputs {
		if !i.idle && !i.ended() {
			return false
		}
		idle = idle || !i.ended()
	}
	return idle
}

// Low is the reported watermark.
func (m *Merger) Low() operator.Timestamp { return m.low }

// ended reports whether nothing will come any more.
func (i input) ended() bool { return i.at == operator.MaxTimestamp }

// raise computes the minimum. An idle input does not count, but it may yet
// wake: as long as there is one, inputs that have ended alone do not bring
// time to its end.
func (m *Merger) raise() (operator.Timestamp, bool) {
	low := operator.MaxTimestamp
	for _, i := range m.inputs {
		if !i.idle {
			low = min(low, i.at)
		}
	}
	if low <= m.low || low == operator.MaxTimestamp && m.AllIdle() {
		return m.low, false
	}
	m.low = low
	return low, true
}
