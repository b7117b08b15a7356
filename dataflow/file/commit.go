package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// A token names a file that is durable but not yet visible. A transaction is
// a list of them.
type token struct {
	Dir            string `json:",omitempty"` // of Final below the sink's, with slashes
	Pending, Final string
	Size           int64
	CRC            uint32 // Castagnoli, of the file's bytes
}

func (s *sink[T]) parseTokens(b []byte) (tokens []token, err error) {
	if err := json.Unmarshal(b, &tokens); err != nil {
		return nil, fmt.Errorf("step %q: commit: token: %w", s.step, err)
	}
	for _, t := range tokens {
		pending, ok1 := s.parse(t.Pending)
		final, ok2 := s.parse(t.Final)
		ok3 := t.Dir == "" || s.partition != nil && isPartitionDir(t.Dir)
		if !ok1 || !ok2 || !ok3 || !pending.pending || final.pending || t.Size < 0 {
			tokens = nil
			break
		}
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("step %q: commit: the token is corrupt, or of a sink whose path "+
			"was changed: %.200q", s.step, b)
	}
	return tokens, nil
}

// Commit makes the files of a transaction visible under their final names. The
// new names are durable before the old ones go.
func (s *sink[T]) Commit(b []byte) error {
	tokens, err := s.parseTokens(b)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if err := s.show(t); err != nil {
			return err
		}
	}
	if err := s.syncPartitions(tokens); err != nil {
		return err
	}
	for _, t := range tokens {
		pending := filepath.Join(s.dir, t.Pending)
		if err := os.Remove(pending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return s.failed("commit", pending, err)
		}
	}
	return s.sync("commit", s.dir)
}

// show gives a file its final name, unless it has it.
func (s *sink[T]) show(t token) error {
	dir := filepath.Join(s.dir, filepath.FromSlash(t.Dir))
	pending, final := filepath.Join(s.dir, t.Pending), filepath.Join(dir, t.Final)
	there, err := os.Lstat(final)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.failed("commit", final, err)
	}
	written, err := os.Lstat(pending)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return s.failed("commit", pending, err)
	case there == nil && written == nil:
		return s.failed("commit", final, errors.New("the file that the checkpoint has promised is "+
			"gone; restore it, or start the flow without its checkpoint"))
	case there != nil && written == nil && there.Size() == t.Size:
		return nil // it was committed before
	case there != nil && (written == nil || !os.SameFile(there, written)):
		return s.failed("commit", final, errors.New("another file has the name; move it away if "+
			"it is another flow's, or restore it"))
	case there == nil:
		if t.Dir != "" {
			if err := os.MkdirAll(dir, 0o777); err != nil {
				return s.failed("make directory", dir, err)
			}
		}
		return s.publish(t, pending, final)
	}
	return nil
}

// publish gives a file its final name, which no other file may have.
func (s *sink[T]) publish(t token, pending, final string) error {
	if err := t.verify(pending); err != nil {
		return s.failed("commit", pending, err)
	}
	err := os.Link(pending, final)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return s.wrap("commit", final, err)
	}
	// Not every file system has links.
	return s.wrap("commit", final, os.Rename(pending, final))
}

func (s *sink[T]) wrap(what, path string, err error) error {
	if err == nil {
		return nil
	}
	return s.failed(what, path, err)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// verify reads the file once more before it is shown.
func (t token) verify(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := crc32.New(castagnoli)
	n, err := io.Copy(sum, f)
	if err == nil && (n != t.Size || sum.Sum32() != t.CRC) {
		err = fmt.Errorf("the file was changed since it was written: %d bytes with checksum %08x, "+
			"want %d with %08x; restore it, or start the flow without its checkpoint",
			n, sum.Sum32(), t.Size, t.CRC)
	}
	return err
}

// Recover removes the files of transactions that were never committed.
func (s *sink[T]) Recover() error {
	if s.stdout != nil {
		return nil
	}
	names, err := s.list(s.dir, false)
	if err != nil {
		return err
	}
	removed := false
	for _, n := range names {
		if !n.pending {
			continue
		}
		if err := os.Remove(n.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return s.failed("remove", n.path, err)
		}
		removed = true
	}
	if !removed {
		return nil
	}
	return s.sync("recover", s.dir)
}

// syncPartitions makes the names of files in partitions durable, and those of
// the partitions, up to the sink's directory.
func (s *sink[T]) syncPartitions(tokens []token) error {
	done := map[string]bool{}
	for _, t := range tokens {
		for dir, top := t.Dir, t.Dir == ""; !top && !done[dir]; dir = path.Dir(dir) {
			if err := s.sync("commit", filepath.Join(s.dir, filepath.FromSlash(dir))); err != nil {
				return err
			}
			done[dir], top = true, dir == "."
		}
	}
	return nil
}

// sync makes names in a directory durable.
func (s *sink[T]) sync(what, dir string) error { return s.wrap(what, dir, syncDir(dir)) }

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// makeDir makes a directory and those above it, durably.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if above := filepath.Dir(dir); above != dir {
		if err := makeDir(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(dir))
}
