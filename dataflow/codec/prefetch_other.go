//go:build !amd64 && !arm64

package codec

import "unsafe"

// prefetch does nothing where there are no instructions of ours for it: encoding
// waits for memory more often there.
func prefetch(unsafe.Pointer, uintptr) {}
