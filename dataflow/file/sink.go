package file

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// sink writes records of type T to files that appear as checkpoints commit.
type sink[T any] struct {
	step      string
	dir, base string // files are dir/base-….ext
	ext       string
	stdout    io.Writer // set if the path is "-"
	new       func(*bufio.Writer) encoder[T]
	cfg       sinkConfig
	invalid   error // a mistake in the definition
}

func newSink[T any](step, path, ext string, encode func(*bufio.Writer) encoder[T]) *sink[T] {
	s := &sink[T]{step: step, ext: ext, new: encode}
	if path == standard {
		s.stdout = os.Stdout
		return s
	}
	s.dir, s.base = filepath.Split(path)
	s.dir = filepath.Clean(s.dir + ".")
	if s.base == "" {
		s.base = step
	}
	for _, c := range []Compression{Gzip, Zstd} {
		if base, ok := strings.CutSuffix(s.base, c.suffix()); ok {
			s.base, s.cfg.packing = base, c
		}
	}
	s.base = strings.TrimSuffix(s.base, ext)
	switch {
	case path == "":
		s.invalid = errors.New("the path to write to is empty")
	case s.base == "" || strings.ContainsAny(s.base, "/\x00") || strings.HasPrefix(s.base, "."):
		s.invalid = fmt.Errorf("%q is not a path of files that can be seen; give a directory and "+
			"the beginning of their names", path)
	}
	return s
}

// Delivery is transactional, but for standard output.
func (s *sink[T]) Delivery() operator.Delivery {
	if s.stdout != nil {
		return operator.AtLeastOnce
	}
	return operator.Transactional
}

// Open begins to write. It refuses to mix its files with those of a run with
// another state directory, or of checkpoints that come after the restored one.
func (s *sink[T]) Open(p operator.Place) (dataflow.Writer[T], error) {
	if s.stdout != nil {
		return newPrinter(s), nil
	}
	if err := makeDir(s.dir); err != nil {
		return nil, s.failed("make directory", s.dir, err)
	}
	names, err := s.list()
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if !n.pending && n.number > p.Restored {
			return nil, s.failed("open", filepath.Join(s.dir, n.text), repeats(n, p))
		}
	}
	return &writer[T]{sink: s, place: p}, nil
}

// repeats is why a run must not go on beside a file that is visible.
func repeats(n fileName, p operator.Place) error {
	if p.Restored == 0 {
		return errors.New("the file is from a run with another state directory, whose output this " +
			"one would repeat; move it away or write elsewhere")
	}
	return fmt.Errorf("the file is of checkpoint %d and the flow goes on from checkpoint %d, so its "+
		"records would come again; move away all files of checkpoints after %d", n.number,
		p.Restored, p.Restored)
}

// failed says what went wrong with which file of which step, and what to do.
func (s *sink[T]) failed(what, path string, err error) error {
	return fmt.Errorf("step %q: %s %q: %w%s", s.step, what, path, err, remedy(err))
}

func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "; free space on the volume"
	case errors.Is(err, syscall.EDQUOT):
		return "; free space in the quota"
	case errors.Is(err, fs.ErrPermission):
		return "; let the process write to the directory"
	case errors.Is(err, syscall.EROFS):
		return "; write to a volume that is not read-only"
	case errors.Is(err, fs.ErrExist):
		return "; another step or flow may be writing to the same path"
	}
	return ""
}

// A fileName is the name of a file of a sink. While a file is written its
// number is that of the writer's transaction, afterwards the checkpoint's.
type fileName struct {
	text       string
	generation uint64
	number     uint64
	subtask    int
	pending    bool
}

const pendingSuffix = ".pending"

func (s *sink[T]) suffix() string { return s.ext + s.cfg.packing.suffix() }

func (s *sink[T]) pendingName(p operator.Place, n uint64) string {
	return "." + s.finalName(p, n) + pendingSuffix
}

func (s *sink[T]) finalName(p operator.Place, checkpoint uint64) string {
	return fmt.Sprintf("%s-%04d-%08d-%03d%s", s.base, p.Generation, checkpoint, p.Subtask, s.suffix())
}

// parse recognises the names that this sink makes, and no others.
func (s *sink[T]) parse(name string) (n fileName, ok bool) {
	n.text = name
	rest, pending := strings.CutSuffix(name, pendingSuffix)
	if n.pending = pending; pending {
		if rest, ok = strings.CutPrefix(rest, "."); !ok {
			return n, false
		}
	}
	if rest, ok = strings.CutPrefix(rest, s.base+"-"); !ok {
		return n, false
	}
	for _, c := range []Compression{Gzip, Zstd} { // whatever it was in earlier runs
		rest = strings.TrimSuffix(rest, c.suffix())
	}
	if rest, ok = strings.CutSuffix(rest, s.ext); !ok || !numbers.MatchString(rest) {
		return n, false
	}
	_, err := fmt.Sscanf(rest, "%d-%d-%d", &n.generation, &n.number, &n.subtask)
	return n, err == nil
}

var numbers = regexp.MustCompile(`^\d{4,20}-\d{8,20}-\d{3,9}$`)

func (s *sink[T]) list() (names []fileName, err error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, s.failed("list", s.dir, err)
	}
	for _, e := range entries {
		if n, ok := s.parse(e.Name()); ok && e.Type().IsRegular() {
			names = append(names, n)
		}
	}
	return names, nil
}

// A token names a file that is durable but not yet visible.
type token struct {
	Pending, Final string
	Size           int64
	CRC            uint32 // Castagnoli, of the file's bytes
}

func (s *sink[T]) parseToken(b []byte) (t token, err error) {
	if err := json.Unmarshal(b, &t); err != nil {
		return t, fmt.Errorf("step %q: commit: token: %w", s.step, err)
	}
	pending, ok1 := s.parse(t.Pending)
	final, ok2 := s.parse(t.Final)
	if !ok1 || !ok2 || !pending.pending || final.pending || t.Size < 0 {
		return t, fmt.Errorf("step %q: commit: the token is corrupt, or of a sink whose path "+
			"was changed: %.200q", s.step, b)
	}
	return t, nil
}

// Commit makes a file visible under its final name.
func (s *sink[T]) Commit(b []byte) error {
	t, err := s.parseToken(b)
	if err != nil {
		return err
	}
	pending, final := filepath.Join(s.dir, t.Pending), filepath.Join(s.dir, t.Final)
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
		return s.sync("commit") // it was committed before
	case there != nil && (written == nil || !os.SameFile(there, written)):
		return s.failed("commit", final, errors.New("another file has the name; move it away if "+
			"it is another flow's, or restore it"))
	case there == nil:
		if err := s.publish(t, pending, final); err != nil {
			return err
		}
	}
	if err := os.Remove(pending); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.failed("commit", pending, err)
	}
	return s.sync("commit")
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
	names, err := s.list()
	if err != nil {
		return err
	}
	removed := false
	for _, n := range names {
		if !n.pending {
			continue
		}
		path := filepath.Join(s.dir, n.text)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return s.failed("remove", path, err)
		}
		removed = true
	}
	if !removed {
		return nil
	}
	return s.sync("recover")
}

// sync makes names in the directory durable.
func (s *sink[T]) sync(what string) error { return s.wrap(what, s.dir, syncDir(s.dir)) }

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
