package governor

import "time"

// Window is what one channel, from one upstream subtask to one downstream
// subtask, may have in flight: sent and not yet processed. A batch may exceed
// the last of the bytes, so a channel holds at most Bytes and one batch.
type Window struct {
	Batches int
	Bytes   int
}

// DefaultWindow is where more credit no longer buys throughput. Waking a sender
// on an idle core took the receiver about 20 µs; with eight batches of 512
// records that was a third of the time of a cheap step, with 64 it is a tenth
// of that. The bytes are what bounds memory.
var DefaultWindow = Window{Batches: 64, Bytes: 1 << 20}

// Observation is what one task saw in one control period.
type Observation struct {
	Period  time.Duration // length of the period
	Records int64         // taken in
	Bytes   int64         // of memory taken in
	Busy    time.Duration // spent in operators, checkpoint work excluded
	Blocked time.Duration // spent waiting for downstream credit
	Stall   time.Duration // spent on barriers: alignment, capture, encoding
	// Channels is the state of each input channel at the end of the period.
	Channels []Channel
}

// Channel is one input channel at the end of a control period.
type Channel struct {
	Window  Window // as granted now
	Queued  int    // batches received and held back by an alignment
	Blocked bool   // its barrier has arrived and others' have not
}

// A Policy decides the windows of one task's input channels. One task uses
// it, one call at a time.
type Policy interface {
	// Step takes the period's observation and appends a window for each
	// channel, in order, to grants.
	Step(obs Observation, grants []Window) []Window
}

// Fixed is the policy that grants every channel the same window for ever.
type Fixed Window

// Step grants the fixed window.
func (f Fixed) Step(obs Observation, grants []Window) []Window {
	for range obs.Channels {
		grants = append(grants, Window(f))
	}
	return grants
}
