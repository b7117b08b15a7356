//go:build !unix

package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// lockFile makes a file that must not be there. After a crash it has to be removed by hand.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("lock %s: %w; if no process has it, remove the file", path, ErrLocked)
	}
	return f, err
}

func unlockFile(f *os.File) error { return errors.Join(f.Close(), os.Remove(f.Name())) }
