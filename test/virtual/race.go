//go:build race

package virtual

// Race says that the race detector is on.
const Race = true
