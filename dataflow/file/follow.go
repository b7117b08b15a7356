package file

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

// maxChecked bounds the bytes before a position that are compared to see
// whether a followed file still is what was read.
const maxChecked = 64

// errRestart says that a followed file was emptied and begins anew with the
// very record it had begun with.
var errRestart = errors.New("the text begins anew")

// followed is the piece that a file is, once its first record is complete.
// The record is the file's identity, together with its inode: the same for
// all time and under every name.
func (s *source[T, B]) followed(f *os.File, path string, packing Compression) ([]piece, error) {
	if packing != Plain {
		return nil, nil
	}
	first, err := s.firstRecord(f)
	if err != nil || first == 0 {
		return nil, wrapRead(path, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	number, _ := inode(info)
	return []piece{{
		Path: path, To: math.MaxInt64, Inode: number, First: first, Packing: Plain,
	}}, nil
}

func wrapRead(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("read %q: %w", path, err)
}

// firstRecord hashes the first line of f, and the second where the first is a
// header. It is 0 while f has no such line.
func (s *source[T, B]) firstRecord(f io.ReaderAt) (uint64, error) {
	lines := 1
	if s.new(&s.cfg).wantsHeader() {
		lines = 2
	}
	in := &stored{r: io.NewSectionReader(f, 0, math.MaxInt64)}
	head := scanner{
		in: in, limit: s.cfg.maxLine, quoted: s.cfg.csv.multi, buf: make([]byte, headBytes),
	}
	h := xxhash.New()
	for range lines {
		line, err := head.await(context.Background())
		if errors.Is(err, io.EOF) || err == nil && head.eof && head.start == head.end &&
			head.buf[head.end-1] != '\n' {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		h.Write(line)
		h.Write([]byte{'\n'})
	}
	return max(h.Sum64(), 1), nil
}

// openFollowed finds the file of a piece, whatever its name is now.
func (s *source[T, B]) openFollowed(p piece, at position) (*text, error) {
	f, err := find(p)
	if err != nil {
		return nil, err
	}
	l := &tail{
		f: f, path: p.Path, first: p.First, firstOf: s.firstRecord, settle: s.cfg.settle,
		pos: at.pos, pulse: s.pulse(f.Name()),
	}
	if err := l.resume(at); err != nil {
		return nil, errors.Join(fmt.Errorf("read %q: %w", p.Path, err), l.Close())
	}
	t := &text{path: p.Path, in: l, at: at, to: math.MaxInt64, follow: true}
	t.again = func() (input, error) {
		return &stored{r: io.NewSectionReader(l.f, 0, math.MaxInt64)}, nil
	}
	return t, nil
}

// find opens the file with the piece's inode: under its own name, or under
// another in the same directory when it was renamed.
func find(p piece) (*os.File, error) {
	f, err := openInode(p.Path, p.Inode)
	if f != nil || err != nil && !errors.Is(err, os.ErrNotExist) {
		return f, err
	}
	dir := filepath.Dir(p.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", p.Path, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		f, err := openInode(filepath.Join(dir, e.Name()), p.Inode)
		if f != nil || err != nil && !errors.Is(err, os.ErrNotExist) {
			return f, err
		}
	}
	return nil, fmt.Errorf("read %q: the file (inode %d) has vanished before it was read to its "+
		"end; restore it to its directory, or start the flow without its checkpoint: %w",
		p.Path, p.Inode, os.ErrNotExist)
}

// openInode opens path if it has the given inode.
func openInode(path string, want uint64) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if got, _ := inode(info); got != want {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil {
		if got, _ := inode(info); got == want {
			return f, nil
		}
	}
	return nil, errors.Join(err, f.Close())
}

// A tail is a file that is read as it grows.
type tail struct {
	f       *os.File
	path    string // under which the file was found at first
	first   uint64 // hash of its first record
	firstOf func(io.ReaderAt) (uint64, error)
	settle  time.Duration
	pulse   pulse

	pos    int64     // of the next read
	last   []byte    // up to maxChecked bytes before it
	grew   time.Time // when the file was last seen to grow
	stale  bool      // the file was at its end: check it before going on
	ending bool      // the file is gone: its end is the end
	old    *os.File  // the emptied file, while f is a copy of what it was, or f
}

// resume checks that the file still is what it was before the position.
func (l *tail) resume(at position) error {
	l.grew, l.stale = l.pulse.now(), true
	if at.checked == 0 {
		return nil
	}
	last, err := l.before(at.checked)
	if err != nil {
		return err
	}
	if xxhash.Sum64(last) == at.check {
		l.last = last
		return nil
	}
	return l.emptied(func(b []byte) bool { return xxhash.Sum64(b) == at.check }, at.checked)
}

// before returns the n bytes before the position, or fewer if the file ends
// before it.
func (l *tail) before(n int64) ([]byte, error) {
	b := make([]byte, n)
	got, err := l.f.ReadAt(b, l.pos-n)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:got], err
}

// read returns what has been appended, or waits for it.
func (l *tail) read(ctx context.Context, p []byte) (int, error) {
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if l.stale {
			if err := l.check(); err != nil {
				return 0, err
			}
		}
		if l.old != nil && l.f == l.old {
			return 0, l.begin(ctx)
		}
		n, err := l.f.ReadAt(p, l.pos)
		if n > 0 {
			l.advance(p[:n])
			return n, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if err := l.atEnd(ctx); err != nil {
			return 0, err
		}
	}
}

// atEnd waits for the file to grow, or ends.
func (l *tail) atEnd(ctx context.Context) error {
	switch {
	case l.old != nil:
		return l.begin(ctx)
	case l.ending:
		return io.EOF
	}
	l.stale = true
	gone, err := l.gone(l.f)
	if err != nil {
		return err
	}
	if l.ending = gone; gone {
		return nil // look once more for what was written until now
	}
	return l.pulse.wait(ctx)
}

func (l *tail) advance(b []byte) {
	l.pos += int64(len(b))
	l.last = append(l.last, b[max(0, len(b)-maxChecked):]...)
	l.last = append(l.last[:0], l.last[max(0, len(l.last)-maxChecked):]...)
	l.grew, l.ending = l.pulse.now(), false
}

// check finds out whether the file was emptied since it was opened or read to
// its end.
func (l *tail) check() error {
	l.stale = false
	if l.old != nil {
		return nil
	}
	first, err := l.firstOf(l.f)
	if err != nil {
		return err
	}
	last, err := l.before(int64(len(l.last)))
	if err != nil || first == l.first && bytes.Equal(last, l.last) {
		return err
	}
	was := bytes.Clone(l.last)
	return l.emptied(func(b []byte) bool { return bytes.Equal(b, was) }, int64(len(was)))
}

// emptied goes on with the copy that was made of the file before it was
// emptied, as logrotate's copytruncate does, to read what had not been read.
func (l *tail) emptied(same func([]byte) bool, n int64) error {
	l.old = l.f
	dir, base := filepath.Split(l.path)
	entries, err := os.ReadDir(filepath.Clean(dir + "."))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), base) || e.Name() == base {
			continue
		}
		f, err := os.Open(dir + e.Name())
		if err != nil {
			continue // not ours to read
		}
		if l.isCopy(f, same, n) {
			l.f = f
			return nil
		}
		f.Close()
	}
	return nil
}

func (l *tail) isCopy(f *os.File, same func([]byte) bool, n int64) bool {
	if first, err := l.firstOf(f); err != nil || first != l.first {
		return false
	}
	b := make([]byte, n)
	_, err := f.ReadAt(b, l.pos-n)
	return err == nil && same(b)
}

// gone reports whether the file was removed, or renamed and silent for as
// long as it takes its writers to notice.
func (l *tail) gone(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	number, names := inode(info)
	if names == 0 {
		return true, nil
	}
	now, err := os.Stat(l.path)
	if err == nil {
		if n, _ := inode(now); n == number {
			return false, nil
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return l.pulse.now().Sub(l.grew) >= l.settle, nil
}

// begin waits for the emptied file's first record. If it is the one that the
// file had begun with before, the text begins anew; if not, it is another
// piece.
func (l *tail) begin(ctx context.Context) error {
	for {
		first, err := l.firstOf(l.old)
		if err != nil {
			return err
		}
		if first == l.first {
			break
		}
		if gone, err := l.gone(l.old); err != nil || gone || first != 0 {
			return cmp.Or(err, io.EOF)
		}
		if err := l.pulse.wait(ctx); err != nil {
			return err
		}
	}
	var err error
	if l.f != l.old {
		err = l.f.Close()
	}
	l.f, l.old, l.pos, l.last = l.old, nil, 0, nil
	return cmp.Or(err, errRestart)
}

func (l *tail) Close() error {
	err := errors.Join(l.pulse.close(), l.f.Close())
	if l.old != nil && l.old != l.f {
		err = errors.Join(err, l.old.Close())
	}
	return err
}
