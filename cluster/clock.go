package cluster

import "time"

// wallClock is where this package learns the time of day; tests bring their
// own.
func wallClock() time.Time { return time.Now() }
