//go:build unix

package snapshot

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile holds a file that no other process, and no other store of this one, can hold at the
// same time. The end of the process releases it.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
}

func unlockFile(f *os.File) error { return f.Close() }
