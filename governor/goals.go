package governor

import "time"

// Goals are what the user wants. A goal of 0 is none.
type Goals struct {
	// Latency is from the moment a record is read until all that follows from
	// it has left the last step.
	Latency time.Duration
	// Recovery is from a failure until the work that was lost has been done
	// again and, with a live input, the backlog is gone.
	Recovery time.Duration
	// Memory is what the process may use, in bytes, state included.
	Memory int64
}
