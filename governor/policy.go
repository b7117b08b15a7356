package governor

import (
	"time"

	"github.com/flyball-stream/flyball/governor/estimate"
)

// A Policy decides for one task. The task uses it, one call at a time.
type Policy interface {
	// Step takes what was observed in a control period and fills in the
	// decision, whose memory it reuses: one grant for each channel, in order.
	// It keeps nothing of either.
	Step(obs *Observation, d *Decision)
}

// A Revisor is a policy that has more to say at the barrier, when what the
// checkpoint will write is known and no longer a forecast.
type Revisor interface {
	// Revise tells what the checkpoint that is captured now, of dirty changed
	// bytes among state bytes when encoded, is predicted to take of the task,
	// and how it should be written. The task calls it between two Steps.
	Revise(dirty, state int64) (estimate.Prediction, Pace)
}

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

// Grant is what one input channel is told.
type Grant struct {
	Window Window
	// Rate is the records a second that the channel may count on, for the
	// sender's own decision: its [Lane.Rate]. 0 says nothing.
	Rate float64
}

// Decision is what a policy wants of a task until the next control period.
type Decision struct {
	Grants []Grant // by input channel
	// Rate is the records a second that a source should read at most; 0 for no
	// bound other than its credit.
	Rate float64
	// Batch is the most records that senders should put into a batch; 0 for as
	// many as ever.
	Batch int
	// Turn is for how long the task should work before others that wait for a
	// processor have it; 0 for as long as the runtime lets it.
	Turn time.Duration
	Pace Pace
	// Next is what the next checkpoint is predicted to take of the task.
	Next estimate.Prediction
	// Lost is the work that it will cost the task: its own time, and what
	// records take longer until all is durable. 0 while nothing is known.
	Lost time.Duration
	// Interval is the time between checkpoints that would suit this task; 0
	// for no opinion.
	Interval time.Duration
	Reason   Reason
}

// Pace spreads the writing of a checkpoint. The zero value is as fast as can be.
type Pace struct {
	Delay time.Duration // to wait after the capture, so that tasks take turns
	// Share is the part of its time that a busy task gives to encoding while
	// there is something to encode, in (0, 1); an idle one gives all. 0 is one
	// slice between two messages.
	Share float64
	// BytesPerSecond is the most to be written, within so long after the capture;
	// 0 for no limit. Later there is none: a checkpoint that turns out larger
	// than foreseen, because old state is rewritten with it, must end.
	BytesPerSecond float64
	Within         time.Duration
}

// Fixed is the policy that grants every channel the same window for ever.
type Fixed Window

// Step grants the fixed window.
func (f Fixed) Step(obs *Observation, d *Decision) {
	*d = Decision{Grants: d.Grants[:0], Reason: Reason{Rate: BoundFixed, Window: BoundFixed}}
	for range obs.Channels {
		d.Grants = append(d.Grants, Grant{Window: Window(f)})
	}
}
