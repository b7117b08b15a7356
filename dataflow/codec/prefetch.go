//go:build amd64 || arm64

package codec

import "unsafe"

// prefetch asks the processor for the cache lines of the n bytes at p. Unlike a read
// it waits for nothing, not even in the order of instructions: as many lines are on
// their way as the processor can keep track of. It never faults.
//
//go:noescape
func prefetch(p unsafe.Pointer, n uintptr)
