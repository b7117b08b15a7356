package snapshot

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// partSuffix marks a file that is being written.
const partSuffix = ".part"

// reserveByWriting writes zeros where the file has none yet, keeping what is there.
func reserveByWriting(f *os.File, n int64) error {
	buf, zero := make([]byte, 64<<10), make([]byte, 64<<10)
	for at := int64(0); at < n; at += int64(len(buf)) {
		size := min(int64(len(buf)), n-at)
		clear(buf)
		if _, err := f.ReadAt(buf[:size], at); err != nil && err != io.EOF {
			return err
		}
		if string(buf[:size]) != string(zero[:size]) {
			continue // written, so it has blocks
		}
		if _, err := f.WriteAt(zero[:size], at); err != nil {
			return err
		}
	}
	return nil
}

// reserveFile reserves n bytes of a file and makes it that long if it is shorter.
func reserveFile(path string, n int64) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(reserve(f, n), f.Close())
}

// writeFile makes a whole file appear at once and durably.
func writeFile(path string, data []byte) (err error) {
	f, err := os.OpenFile(path+partSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+partSuffix))
	}
	if err := os.Rename(path+partSuffix, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// removeTree removes a directory such that a crash leaves either all of it or a name that says
// that it is to go.
func removeTree(dir string) error {
	gone := dir + goneSuffix
	if err := os.Rename(dir, gone); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}

// diskUse is the space that the files of a directory occupy, in bytes.
func diskUse(dir string) int64 {
	var n int64
	files, _ := os.ReadDir(dir)
	for _, e := range files {
		if fi, err := e.Info(); err == nil {
			n += fi.Size()
		}
	}
	return n
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
