package file

import (
	"bufio"
	"errors"
	"fmt"
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
	partition func(T) string // names the directory below dir; nil: there are none
	cfg       sinkConfig
	invalid   error // a mistake in the definition
}

func newSink[T any](step, path, ext string, encode func(*bufio.Writer) encoder[T]) *sink[T] {
	s := &sink[T]{step: step, ext: ext, new: encode}
	s.cfg.openFiles = defaultOpenFiles
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
	names, err := s.list(s.dir, s.partition != nil)
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if !n.pending && n.number > p.Restored {
			return nil, s.failed("open", n.path, repeats(n, p))
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
	path       string
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

// list finds the sink's files in a directory and, if deep, in those below it
// that can be seen.
func (s *sink[T]) list(dir string, deep bool) (names []fileName, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, s.failed("list", dir, err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if deep && e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			below, err := s.list(path, true)
			if err != nil {
				return nil, err
			}
			names = append(names, below...)
		}
		if n, ok := s.parse(e.Name()); ok && e.Type().IsRegular() {
			n.path = path
			names = append(names, n)
		}
	}
	return names, nil
}
