package governor

// queue is how much work, in seconds, must wait for the task so that it never
// runs dry while its senders have more. It is found by trial: a task that was
// idle although a sender had run out of credit needs more, one that never was
// gets along with less. Before a barrier the need differs, since those upstream
// stand still one after the other: what is missing then is counted apart.
type queue struct {
	calm   float64
	before float64 // with a barrier due or on its way
	missed float64 // idle since the barrier was on its way
}

const (
	// leastQueue covers the tens of microseconds until a sender that was given
	// credit runs again, a hundred times over.
	leastQueue = 2e-3
	firstQueue = 10e-3
	more       = 1.25 // times, when the task ran dry
	less       = 0.98 // times, each period in which it did not
	idling     = 0.01 // of a period: dry
	keep       = 0.9  // of what was missed before, with each barrier
)

// learn takes in a period of a task that is saturated or not. The need never
// exceeds most, in seconds: more would miss the latency goal.
func (q *queue) learn(obs *Observation, due, saturated bool, most float64) {
	c := obs.Checkpoint
	idle := (obs.Period - obs.Busy - obs.Blocked - c.Capture - c.Encode).Seconds()
	if due {
		if saturated {
			q.missed += max(0, idle)
		}
		return
	}
	if q.missed > 0 || q.before > 0 { // the barrier has passed
		q.before = min(most, keep*q.before+q.missed)
		q.missed = 0
	}
	if !saturated {
		return
	}
	if idle > idling*obs.Period.Seconds() && starved(obs) {
		q.calm = min(most, max(firstQueue, q.calm)*more)
	} else {
		q.calm *= less
	}
}

// need is the work that should wait, in seconds.
func (q *queue) need(due bool) float64 {
	calm := max(leastQueue, q.calm)
	if due {
		return calm + q.before
	}
	return calm
}

func starved(obs *Observation) bool {
	for _, c := range obs.Channels {
		if c.Starved {
			return true
		}
	}
	return false
}
