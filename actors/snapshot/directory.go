package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	identityName  = "FLYBALL"
	lockName      = "LOCK"
	identityTitle = "flyball state 1\n"
)

// claim makes sure that a directory is there, is ours alone and holds the state of the flow or
// nothing at all. It returns the lock.
func claim(dir, flow string) (*os.File, error) {
	if fi, err := os.Stat(dir); err == nil && !fi.IsDir() {
		return nil, errors.New("it is a file; name a directory")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	if err := identify(dir, flow); err != nil {
		return nil, errors.Join(err, unlockFile(lock))
	}
	return lock, nil
}

// identify compares the name of the flow with that in the directory, and writes it into an empty
// one.
func identify(dir, flow string) error {
	path := filepath.Join(dir, identityName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := onlyOurs(dir); err != nil {
			return err
		}
		return writeFile(path, withChecksum(fmt.Appendf(nil, "%sflow %q\n", identityTitle, flow)))
	}
	if err != nil {
		return err
	}
	owner, err := ownerOf(b)
	if err != nil {
		return err
	}
	if owner != flow {
		return fmt.Errorf("it holds the state of flow %q, not of %q; name another directory", owner, flow)
	}
	return nil
}

// onlyOurs refuses a directory that holds anything but what a crashed first opening leaves.
func onlyOurs(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range files {
		switch name := e.Name(); {
		case name == lockName || name == identityName+partSuffix || name == "lost+found":
		case strings.HasPrefix(name, volumePrefix):
			return fmt.Errorf("it has %s and no file %s; restore that from a copy, or move the "+
				"directory away to start anew", name, identityName)
		default:
			return fmt.Errorf("it holds %s, which is not Flyball's; name an empty directory", name)
		}
	}
	return nil
}

func volumeDir(dir string, id uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%s%08d", volumePrefix, id))
}

// volumeIDs lists the volumes of a directory, oldest first, and removes what is left of removed
// ones.
func volumeIDs(dir string) (ids []uint64, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range files {
		name, ok := strings.CutPrefix(e.Name(), volumePrefix)
		if !ok {
			continue
		}
		if strings.HasSuffix(name, goneSuffix) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return nil, err
			}
			continue
		}
		id, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is not Flyball's; remove it", e.Name())
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}
