package snapshot

import (
	"os"
	"syscall"
)

// reserve gives the first n bytes of a file blocks on the disk. Badger writes through a mapping,
// and a mapping that finds the disk full ends the process with SIGBUS.
func reserve(f *os.File, n int64) error {
	err := syscall.Fallocate(int(f.Fd()), 0, 0, n)
	if err == syscall.EOPNOTSUPP {
		return reserveByWriting(f, n)
	}
	if err != nil {
		return &os.PathError{Op: "reserve space for", Path: f.Name(), Err: err}
	}
	return nil
}
