package file

import (
	"errors"
	"reflect"
	"strings"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// ReadLines reads the lines of files, without their ends. path is a file, a
// pattern as of [path/filepath.Glob], a directory, of which all files below
// are read that are not hidden, or "-" for standard input.
func ReadLines(
	g *dataflow.Graph, name, path string, opts ...dataflow.ReadOption[string],
) dataflow.Stream[string] {
	return read(g, name, path, newLines, opts)
}

// ReadCSV reads the records of CSV files (RFC 4180) into structs, one record a
// line; see [MultiLine]. The first line of each file names its columns. A
// field takes the column that its csv tag names, or its own name in any case:
//
//	type Flight struct {
//		Date  time.Time `layout:"2006-01-02T15:04"`
//		Delay int       `csv:"arrival_delay,optional"`
//	}
//
// Fields may be strings, numbers, bools, times, types that implement
// [encoding.TextUnmarshaler], and structs of these, whose columns are called
// outer.inner. Columns without a field are skipped. A field whose column is
// missing is an error unless it is tagged optional, and so is an empty text
// for a number, bool or time. Paths are those of [ReadLines].
//
// A record that cannot be read fails the flow; see [TryReadCSV].
func ReadCSV[T any](
	g *dataflow.Graph, name, path string, opts ...dataflow.ReadOption[T],
) dataflow.Stream[T] {
	return read(g, name, path, newCSV[T](columnsIn[T](g, name)), opts)
}

// ReadJSON reads files that have one JSON value a line, in the manner of
// encoding/json. Blank lines are skipped. Paths are those of [ReadLines].
//
// A line that cannot be read fails the flow; see [TryReadJSON].
func ReadJSON[T any](
	g *dataflow.Graph, name, path string, opts ...dataflow.ReadOption[T],
) dataflow.Stream[T] {
	return read(g, name, path, newJSON[T], opts)
}

// TryReadCSV is [ReadCSV] with the lines that are not records as a second
// stream. When nothing consumes that one, the first such line fails the flow.
// A bad header or an overlong line always does.
func TryReadCSV[T any](
	g *dataflow.Graph, name, path string, opts ...dataflow.ReadOption[T],
) (dataflow.Stream[T], dataflow.Stream[dataflow.Failure[Line]]) {
	return tryRead(g, name, path, newCSV[T](columnsIn[T](g, name)), opts)
}

// TryReadJSON is [ReadJSON] with the lines that are not records as a second
// stream. When nothing consumes that one, the first such line fails the flow.
// An overlong line always does.
func TryReadJSON[T any](
	g *dataflow.Graph, name, path string, opts ...dataflow.ReadOption[T],
) (dataflow.Stream[T], dataflow.Stream[dataflow.Failure[Line]]) {
	return tryRead(g, name, path, newJSON[T], opts)
}

func read[T any](
	g *dataflow.Graph, name, path string, decode func(*config) decoder[T],
	opts []dataflow.ReadOption[T],
) dataflow.Stream[T] {
	src := plainSource(path, decode)
	stream := dataflow.Read(g, name, src, opts...)
	src.check(g, name)
	return stream
}

func plainSource[T any](path string, decode func(*config) decoder[T]) *source[T, T] {
	src := newSource[T, T](path, decode)
	src.emit = func(b *operator.Records[T], v *T) { b.Append(*v, operator.MinTimestamp) }
	return src
}

type attempt[T any] = dataflow.Attempt[T, Line]

func tryRead[T any](
	g *dataflow.Graph, name, path string, decode func(*config) decoder[T],
	opts []dataflow.ReadOption[T],
) (dataflow.Stream[T], dataflow.Stream[dataflow.Failure[Line]]) {
	src := trySource(path, decode)
	good, bad := dataflow.TryRead(g, name, src, opts...)
	src.check(g, name)
	return good, bad
}

func trySource[T any](path string, decode func(*config) decoder[T]) *source[T, attempt[T]] {
	src := newSource[T, attempt[T]](path, decode)
	src.emit = func(b *operator.Records[attempt[T]], v *T) {
		b.Append(attempt[T]{Record: *v}, operator.MinTimestamp)
	}
	src.fails = func(b *operator.Records[attempt[T]], f dataflow.Failure[Line]) {
		b.Append(attempt[T]{Failed: &f}, operator.MinTimestamp)
	}
	return src
}

// check records mistakes that options make together.
func (s *source[T, B]) check(g *dataflow.Graph, name string) {
	if err := s.invalid(); err != nil {
		g.Fail(name, err)
	}
}

func (s *source[T, B]) invalid() error {
	switch {
	case s.path == "":
		return errors.New("the path to read is empty")
	case s.cfg.follow && s.path == standard:
		return errors.New("standard input cannot be followed: it is read as it comes anyway")
	case s.cfg.follow && s.place != nil:
		return errors.New("option file.Position: files that are followed have no numbers, " +
			"because others may appear between them")
	case s.cfg.follow && s.cfg.compression > Plain:
		return errors.New("packed files cannot be followed")
	}
	return nil
}

// columnsIn finds the columns of T or records why it has none.
func columnsIn[T any](g *dataflow.Graph, name string) []column {
	columns, err := columnsFor[T]()
	if err != nil {
		g.Fail(name, err)
	}
	return columns
}

func columnsFor[T any]() ([]column, error) {
	return columnsOf(reflect.TypeFor[T](), unmarshalerType)
}

// chunkBytes is the size of the memory that lines share: large enough that
// allocating costs nothing a line, small enough that a line which is kept for
// long does not keep much else.
const chunkBytes = 8 << 10

// lineDecoder copies lines into shared chunks.
type lineDecoder struct{ chunk strings.Builder }

func newLines(*config) decoder[string] { return &lineDecoder{} }

func (*lineDecoder) wantsHeader() bool           { return false }
func (*lineDecoder) header([]byte) (bool, error) { return true, nil }

func (d *lineDecoder) decode(line []byte, v *string) (bool, error) {
	if len(line) > chunkBytes/8 {
		*v = string(line)
		return true, nil
	}
	at := d.chunk.Len()
	if at+len(line) > d.chunk.Cap() {
		d.chunk = strings.Builder{}
		d.chunk.Grow(chunkBytes)
		at = 0
	}
	d.chunk.Write(line)
	*v = d.chunk.String()[at:]
	return true, nil
}
