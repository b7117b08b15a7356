package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// SideCSV makes a table for [dataflow.Lookup] from CSV files, one row a
// record, under the key that key finds in it. Paths and records are those of
// [ReadCSV], and so are the options, but for those about time, splits and files
// that grow.
//
// Every record must be one and every key must come once: the first that is not,
// or does not, is an error that names its line. [MaxTable] bounds the table.
func SideCSV[K comparable, V any](
	path string, key func(V) K, opts ...dataflow.ReadOption[V],
) dataflow.Side[K, V] {
	columns, err := columnsFor[V]()
	return newSide(plainSource(path, newCSV[V](columns)), key, err, opts)
}

// SideJSON is [SideCSV] for files that have one JSON value a line.
func SideJSON[K comparable, V any](
	path string, key func(V) K, opts ...dataflow.ReadOption[V],
) dataflow.Side[K, V] {
	return newSide(plainSource(path, newJSON[V]), key, nil, opts)
}

// side is a table in files, read as a source is.
type side[K comparable, V any] struct {
	source  *source[V, V]
	key     func(V) K
	invalid error // a mistake in the definition
}

func newSide[K comparable, V any](
	src *source[V, V], key func(V) K, invalid error, opts []dataflow.ReadOption[V],
) *side[K, V] {
	src.cfg.splitBytes = math.MaxInt64 // a file at a time
	reading := &dataflow.Reading[V]{Source: src, Step: &plan.Step{Source: &plan.SourceSpec{}}}
	for _, o := range opts {
		invalid = errors.Join(invalid, o(reading))
	}
	if key == nil {
		invalid = errors.Join(invalid, errors.New("the function that finds a row's key is nil"))
	}
	return &side[K, V]{src, key, errors.Join(invalid, src.invalid(), unfit(src, reading.Step))}
}

// unfit reports what a stream can be read from or with but a table cannot.
func unfit[V any](src *source[V, V], s *plan.Step) error {
	switch {
	case src.path == standard:
		return errors.New("a table cannot be read from standard input, because every subtask " +
			"reads it; put it into a file")
	case src.cfg.follow || src.cfg.splitBytes != math.MaxInt64:
		return errors.New("options file.Follow and file.Splits are not for tables, which are read " +
			"once and whole")
	case s.Source.EventTime || s.Source.Idle != 0 || s.Parallelism != 0:
		return errors.New("options of time and parallelism are not for tables")
	}
	return nil
}

// Validate reports mistakes in the definition.
func (s *side[K, V]) Validate() error { return s.invalid }

// Load reads the files.
func (s *side[K, V]) Load() (map[K]V, error) {
	if s.invalid != nil {
		return nil, s.invalid
	}
	src := *s.source
	l := &loading[K, V]{key: s.key, source: &src, rows: map[K]V{}, pool: operator.NewPool[V]()}
	src.place = func(v *V, file int, offset int64) {
		l.offsets = append(l.offsets, offset)
		if s.source.place != nil {
			s.source.place(v, file, offset)
		}
	}
	splits, err := src.Splits(context.Background())
	if err != nil {
		return nil, err
	}
	for _, split := range splits {
		if err := l.load(split); err != nil {
			return nil, err
		}
	}
	return l.rows, nil
}

// loading is a table on its way into memory.
type loading[K comparable, V any] struct {
	source  *source[V, V]
	key     func(V) K
	pool    *operator.Pool[V]
	rows    map[K]V
	offsets []int64 // of the records of a batch
	size    int64   // of the text so far
}

func (l *loading[K, V]) load(split operator.Split) (err error) {
	opened, err := l.source.Open(context.Background(), split, nil)
	if err != nil {
		return err
	}
	r := opened.(*reader[V, V])
	defer func() { err = errors.Join(err, r.Close()) }()
	for before := int64(0); ; before = r.scanner.pos {
		b := l.pool.Get()
		l.offsets = l.offsets[:0]
		end := r.Read(context.Background(), b)
		if end != nil && !errors.Is(end, io.EOF) {
			return end
		}
		if l.size += r.scanner.pos - before; l.size > l.source.cfg.maxTable {
			return fmt.Errorf("read %q: the table is larger than %d bytes; raise the limit with "+
				"file.MaxTable, or read it as a stream and join the two", r.text.path,
				l.source.cfg.maxTable)
		}
		if err := l.add(b, r); err != nil || end != nil {
			return err
		}
		b.Release()
	}
}

func (l *loading[K, V]) add(b *operator.Records[V], r *reader[V, V]) (err error) {
	i := 0
	defer operator.Guard(&err, &i, b.Values)
	for ; i < len(b.Values); i++ {
		key := l.key(b.Values[i])
		if other, there := l.rows[key]; there {
			return l.repeated(key, other, l.offsets[i], r)
		}
		l.rows[key] = b.Values[i]
	}
	return nil
}

// repeated is the error for a second row of a key.
func (l *loading[K, V]) repeated(key K, other V, offset int64, r *reader[V, V]) error {
	lines, err := r.countTo(offset)
	if err != nil {
		return fmt.Errorf("read %q: count lines: %w", r.text.path, err)
	}
	return fmt.Errorf("read %q: line %d, byte %d: the key %s has had a row already, %s; "+
		"a table has one row a key", r.text.path, lines+1, offset, operator.Describe(key),
		operator.Describe(other))
}
