//go:build !unix

package actors

import "time"

// processorTime is what the process has used of the processors so far, or 0 if
// that is unknown.
func processorTime() time.Duration { return 0 }
