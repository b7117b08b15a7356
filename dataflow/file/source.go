package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// A decoder turns lines into records of type T.
type decoder[T any] interface {
	// wantsHeader reports whether the first line of a file is for header.
	wantsHeader() bool
	// header reads it; an empty line is none.
	header(line []byte) (ok bool, err error)
	// decode sets *v to the record in a line, or reports that there is none
	// in it. It keeps nothing of the line.
	decode(line []byte, v *T) (ok bool, err error)
}

// source reads files whose lines are records of type T into batches of B,
// which is either T or an attempt at it.
type source[T, B any] struct {
	path  string
	cfg   config
	new   func(*config) decoder[T]
	emit  func(*operator.Records[B], *T)
	fails func(*operator.Records[B], dataflow.Failure[Line]) // nil: the first ends the flow
	place func(v *T, file int, offset int64)                 // nil: nobody asks
	stdin *pump
	pulse func(path string) pulse
}

const standard = "-"

func newSource[T, B any](path string, decode func(*config) decoder[T]) *source[T, B] {
	return &source[T, B]{
		path: path, cfg: defaults(), new: decode, stdin: newPump(os.Stdin), pulse: watch,
	}
}

func (s *source[T, B]) configure() *config { return &s.cfg }

func (s *source[T, B]) position(set func(v *T, file int, offset int64)) { s.place = set }

// Grows reports whether the source follows its files.
func (s *source[T, B]) Grows() bool { return s.cfg.follow && s.path != standard }

// Replayable is true of everything but standard input.
func (s *source[T, B]) Replayable() bool { return s.path != standard }

// Splits lists the pieces of the files.
func (s *source[T, B]) Splits(ctx context.Context) (splits []operator.Split, err error) {
	if s.path == standard {
		return []operator.Split{{ID: standard}}, nil
	}
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{} // a followed file can have two names
	for i, path := range files {
		pieces, err := s.pieces(path)
		if err = cmp.Or(ctx.Err(), err); err != nil {
			return nil, err
		}
		for _, p := range pieces {
			if !s.cfg.follow {
				p.Number = i + 1
			}
			split, err := p.split()
			if err != nil {
				return nil, err
			}
			if !seen[split.ID] {
				seen[split.ID] = true
				splits = append(splits, split)
			}
		}
	}
	return splits, nil
}

func (s *source[T, B]) files() ([]string, error) {
	files, err := resolve(s.path)
	switch {
	case s.cfg.follow && errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err == nil && len(files) == 0 && !s.cfg.follow:
		return nil, fmt.Errorf("read %q: no file is there; check the path, which may be a file, "+
			"a directory or a pattern", s.path)
	}
	return files, err
}

func (s *source[T, B]) pieces(path string) ([]piece, error) {
	f, err := os.Open(path)
	if err != nil {
		if s.cfg.follow && errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("read: %w", err)
	}
	defer f.Close()
	packing, err := s.packing(f)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	if s.cfg.follow {
		return s.followed(f, path, packing)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	id, err := identify(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	whole := piece{Path: path, To: id.Size, Identity: id, Packing: packing}
	if packing != Plain || s.cfg.csv.multi {
		return []piece{whole}, nil
	}
	return whole.cut(s.cfg.splitBytes), nil
}

// cut divides a piece into ranges of n bytes and a rest. Where they begin does
// not depend on the file's size, so that a file which has grown when it is
// listed once more has the same splits, and new ones for new lines only.
func (p piece) cut(n int64) (pieces []piece) {
	for from := p.From; p.To-from > n; from += n {
		part := p
		part.From, part.To = from, from+n
		pieces = append(pieces, part)
		p.From = part.To
	}
	return append(pieces, p)
}

func (s *source[T, B]) packing(f io.ReaderAt) (Compression, error) {
	if s.cfg.compression != ByContent {
		return s.cfg.compression, nil
	}
	var magic [4]byte
	n, err := f.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return packingOf(magic[:n]), nil
}

// Open begins to read a piece.
func (s *source[T, B]) Open(
	ctx context.Context, split operator.Split, offset []byte,
) (dataflow.Reader[B], error) {
	var at position
	var err error
	if offset != nil {
		if at, err = parsePosition(offset); err != nil {
			return nil, fmt.Errorf("open split %q: %w", split.ID, err)
		}
	}
	t, err := s.text(split, at, offset != nil)
	if err != nil {
		return nil, err
	}
	r := &reader[T, B]{source: s, text: t, decoder: s.new(&s.cfg)}
	r.scanner = scanner{
		in: t.in, limit: s.cfg.maxLine, quoted: s.cfg.csv.multi, pos: t.at.pos, line: t.at.line,
	}
	if err := r.begin(ctx, offset != nil); err != nil {
		return nil, errors.Join(err, t.in.Close())
	}
	return r, nil
}

// text is an opened piece.
type text struct {
	path   string
	file   int // its number in the order of names, from 0
	in     input
	at     position // where in begins
	from   int64    // where the piece begins; lines are counted from there
	to     int64    // lines beginning here or later are another piece's
	follow bool
	// again reads the text from its start beside in, which remains open.
	again func() (input, error)
}

func (s *source[T, B]) text(split operator.Split, at position, resumed bool) (*text, error) {
	if split.ID == standard {
		return s.stdin.open(at, s.cfg.compression)
	}
	p, err := parsePiece(split)
	if err != nil {
		return nil, err
	}
	if p.First != 0 {
		return s.openFollowed(p, at)
	}
	if s.place != nil && p.Number == 0 {
		return nil, fmt.Errorf("open split %q: the checkpoint is of a version that did not number "+
			"files; leave out file.Position, or start the flow without its checkpoint", split.ID)
	}
	if resumed && at.pos < p.From {
		return nil, fmt.Errorf("open split %q: the offset is corrupt: it lies before the split",
			split.ID)
	}
	if resumed {
		if p.To >= p.Identity.Size {
			p.To = at.Size
		}
		p.Identity = at.identity
	}
	f, err := os.Open(p.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read %q: the file has vanished since its splits were listed; "+
			"restore it, or start the flow without its checkpoint: %w", p.Path, err)
	} else if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	t, err := p.open(f, at, resumed)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return t, nil
}

// open begins to read at a position, or at the start of the piece, of which
// the byte before belongs to the line that is another piece's.
func (p piece) open(f *os.File, at position, resumed bool) (t *text, err error) {
	if err := p.Identity.verify(f, p.Path); err != nil {
		return nil, err
	}
	t = &text{path: p.Path, file: p.Number - 1, at: at, from: p.From, to: p.To}
	t.at.identity = p.Identity
	t.again = func() (input, error) {
		return unpacked(io.NewSectionReader(f, 0, p.Identity.Size), p.Packing, nil)
	}
	if p.To >= p.Identity.Size {
		t.to = math.MaxInt64
	}
	if !resumed {
		t.at.pos = max(p.From-1, 0)
	}
	start, skip := t.at.pos, int64(0)
	if p.Packing != Plain {
		start, skip = 0, t.at.pos
	}
	t.in, err = unpacked(io.NewSectionReader(f, start, max(p.Identity.Size-start, 0)), p.Packing, f)
	if err == nil {
		err = discard(t.in, skip)
	}
	return t, wrapRead(p.Path, err)
}

// discard reads up to a position in an unpacked text.
func discard(in input, n int64) error {
	buf := make([]byte, min(n, readBytes))
	for n > 0 {
		got, err := in.read(context.Background(), buf[:min(n, int64(len(buf)))])
		n -= int64(got)
		if n > 0 && err != nil {
			return cmp.Or(err, io.ErrUnexpectedEOF)
		}
	}
	return nil
}
