package actors

import "time"

// RestartPolicy says how often and how soon a failed job starts again from
// its last checkpoint.
type RestartPolicy struct {
	// Attempts is the number of restarts without a checkpoint completing in
	// between. Default 6; below zero none.
	Attempts int
	// Backoff is the wait before the first restart, doubled for each further
	// one up to MaxBackoff. Defaults 100 ms and 10 s.
	Backoff, MaxBackoff time.Duration
	// UserAttempts is Attempts for failures of the flow's own functions, which
	// tend to fail again on the same record. Default 3; below zero none.
	UserAttempts int
}

func (p RestartPolicy) withDefaults() RestartPolicy {
	set(&p.Attempts, 6)
	set(&p.UserAttempts, 3)
	set(&p.Backoff, 100*time.Millisecond)
	set(&p.MaxBackoff, 10*time.Second)
	return p
}

// restarts decides whether a job starts again. It is pure.
type restarts struct {
	policy RestartPolicy
	failed int // attempts in a row without progress
	user   int // of those, by the flow's own functions
}

// progressed notes that a checkpoint has completed: the next failure is the
// first again.
func (r *restarts) progressed() { r.failed, r.user = 0, 0 }

// next says how long to wait before the next attempt, or that there is none.
// Failures of the engine itself are not tried again: it would break the same
// way, or worse.
func (r *restarts) next(kind Kind) (wait time.Duration, again bool) {
	r.failed++
	if kind == User {
		r.user++
	}
	if kind == Internal || r.failed > max(r.policy.Attempts, 0) ||
		r.user > max(r.policy.UserAttempts, 0) {
		return 0, false
	}
	wait = r.policy.Backoff
	for range r.failed - 1 {
		if wait *= 2; wait >= r.policy.MaxBackoff {
			return r.policy.MaxBackoff, true
		}
	}
	return min(wait, r.policy.MaxBackoff), true
}
