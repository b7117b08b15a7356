package governor

// queue is how much work, in seconds, must wait for the task so that it never
// runs dry while its senders have more. It is found by trial: a task that ran
// dry although a sender had run out of credit needs more, one that never did
// gets along with less. To stand still is not to run dry: a task may wait for a
// processor, and a longer queue would only wait with it. Nor does it matter who runs
// dry while no processor is idle. Time with a checkpoint
// under way says nothing: then tasks are idle because others stand still.
type queue struct {
	seconds float64
	waited  int // periods for a checkpoint to be over
}

const (
	// leastQueue covers the tens of microseconds until a sender that was given
	// credit runs again, a hundred times over.
	leastQueue = 2e-3
	firstQueue = 10e-3
	more       = 1.25 // times, when the task ran dry
	less       = 0.97 // times, each period in which it did not
	idling     = 0.02 // of a period: dry
	taken      = 0.95 // of the processors' time: none was left
	patience   = 50   // periods: longer than that checkpoints are no exception
)

// learn takes in a period of a task that could hardly do more. The need never
// exceeds most, in seconds: more would miss the latency goal.
func (q *queue) learn(obs *Observation, most float64) {
	c := obs.Checkpoint
	if q.waited++; (c.Pending || c.Writing) && q.waited < patience {
		return
	}
	q.waited = 0
	idle := obs.Processors < taken
	if obs.Dry.Seconds() > idling*obs.Period.Seconds() && idle && starved(obs) {
		q.seconds = min(most, max(firstQueue, q.seconds)*more)
	} else {
		q.seconds *= less
	}
}

// need is the work that should wait, in seconds.
func (q *queue) need() float64 { return max(leastQueue, q.seconds) }

func starved(obs *Observation) bool {
	for _, c := range obs.Channels {
		if c.Starved {
			return true
		}
	}
	return false
}
