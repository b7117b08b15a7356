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

// AllIdle reports whether every input is idle; then the task is idle too.
func (m *Merger) AllIdle() bool {
	for _, i := range m.inputs {
		if !i.idle {
			return false
		}
	}
	return true
}

// Low is the reported watermark.
func (m *Merger) Low() operator.Timestamp { return m.low }

func (m *Merger) raise() (operator.Timestamp, bool) {
	low, live := operator.MaxTimestamp, false
	for _, i := range m.inputs {
		if !i.idle {
			low, live = min(low, i.at), true
		}
	}
	if !live || low <= m.low {
		return m.low, false
	}
	m.low = low
	return low, true
}
