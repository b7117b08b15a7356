package gen

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Sequence generates the numbers from 0 to n-1, or all of them if n is
// negative.
func Sequence(
	g *dataflow.Graph, name string, n int64, opts ...dataflow.ReadOption[int64],
) dataflow.Stream[int64] {
	return Records(g, name, n, func(i int64) int64 { return i }, opts...)
}

// Records generates f(i) for each i from 0 to count-1, or without end if count
// is negative.
func Records[T any](
	g *dataflow.Graph, name string, count int64, f func(i int64) T,
	opts ...dataflow.ReadOption[T],
) dataflow.Stream[T] {
	s := &source[T]{f: f, config: config{count: count, splits: defaultSplits}}
	if count < 0 {
		s.count = math.MaxInt64
	}
	return dataflow.Read(g, name, s, opts...)
}

// defaultSplits suffices for as many subtasks as machines have cores.
const defaultSplits = 16

type config struct {
	count  int64
	splits int64
	rate   float64 // records a second; 0 means no limit
}

type configured interface{ configure() *config }

func (c *config) configure() *config { return c }

func option[T any](name string, set func(*config) error) dataflow.ReadOption[T] {
	return func(r *dataflow.Reading[T]) error {
		src, ok := r.Source.(configured)
		if !ok {
			return fmt.Errorf("option gen.%s: the source is not one of package gen", name)
		}
		if err := set(src.configure()); err != nil {
			return fmt.Errorf("option gen.%s: %w", name, err)
		}
		return nil
	}
}

// Rate lets the source generate that many records a second, evenly shared
// among its splits; without it there is no limit. A source that was held up
// makes up for at most a second.
func Rate[T any](perSecond float64) dataflow.ReadOption[T] {
	return option[T]("Rate", func(c *config) error {
		if !(perSecond > 0) || math.IsInf(perSecond, 0) {
			return fmt.Errorf("%v records a second is not a rate", perSecond)
		}
		c.rate = perSecond
		return nil
	})
}

// maxSplits is the most splits a source can have.
const maxSplits = 1 << 16

// Splits sets the number of parts in which the records are generated, dealt
// to them in turn; the default is 16. A source task reads 32 splits side by
// side: with more than that for each, some wait until others have ended. The
// number must not change between runs on one state directory.
func Splits[T any](n int) dataflow.ReadOption[T] {
	return option[T]("Splits", func(c *config) error {
		if n < 1 || n > maxSplits {
			return fmt.Errorf("%d is not between 1 and %d", n, maxSplits)
		}
		c.splits = int64(n)
		return nil
	})
}

type source[T any] struct {
	config
	f func(int64) T
}

// Grows is false: the splits are known.
func (s *source[T]) Grows() bool { return false }

// Replayable is true: records depend on their number alone.
func (s *source[T]) Replayable() bool { return true }

// Splits lists the parts.
func (s *source[T]) Splits(context.Context) ([]operator.Split, error) {
	n := max(1, min(s.splits, s.count))
	splits := make([]operator.Split, n)
	for i := range splits {
		p := s.part(int64(i), n)
		payload := binary.AppendUvarint(nil, uint64(p.first))
		payload = binary.AppendUvarint(payload, uint64(p.step))
		payload = binary.AppendUvarint(payload, uint64(p.n))
		splits[i] = operator.Split{ID: fmt.Sprintf("%05d-of-%05d", i, n), Payload: payload}
	}
	return splits, nil
}

// A part is the numbers first, first+step, …, n of them.
type part struct{ first, step, n int64 }

func (s *source[T]) part(i, n int64) part {
	p := part{first: i, step: n, n: s.count / n}
	if i < s.count%n {
		p.n++
	}
	return p
}

func parsePart(b []byte) (p part, err error) {
	for _, to := range []*int64{&p.first, &p.step, &p.n} {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxInt64 {
			return part{}, errors.New("the payload is corrupt")
		}
		*to, b = int64(v), b[n:]
	}
	if len(b) > 0 || p.step < 1 {
		return part{}, errors.New("the payload is corrupt")
	}
	return p, nil
}

// Open generates a part from an offset on.
func (s *source[T]) Open(
	_ context.Context, split operator.Split, offset []byte,
) (dataflow.Reader[T], error) {
	p, err := parsePart(split.Payload)
	if err != nil {
		return nil, fmt.Errorf("open split %q: %w", split.ID, err)
	}
	r := &reader[T]{part: p, f: s.f}
	if s.rate > 0 {
		r.pace.every = 1e9 / s.rate * float64(max(1, min(s.splits, s.count)))
	}
	if offset != nil {
		next, n := binary.Uvarint(offset)
		if n <= 0 || n != len(offset) || next > uint64(p.n) {
			return nil, fmt.Errorf("open split %q: the offset is corrupt", split.ID)
		}
		r.next = int64(next)
	}
	return r, nil
}

type reader[T any] struct {
	part
	f    func(int64) T
	next int64 // of the part's n
	pace pace
}

// Read generates what is due.
func (r *reader[T]) Read(ctx context.Context, b *operator.Records[T]) error {
	room := int64(operator.BatchSize - b.Len())
	if r.next < r.n && room > 0 {
		due, err := r.pace.wait(ctx, int(min(r.n-r.next, room)))
		if err != nil {
			return err
		}
		before := r.next
		err = r.generate(b, due)
		r.pace.done -= int64(due) - (r.next - before)
		if err != nil {
			return err
		}
	}
	if r.next == r.n {
		return io.EOF
	}
	return nil
}

// sizeEvery is how many records are generated before a batch is measured.
const sizeEvery = 64

// generate appends the next due records, or fewer if they fill the batch.
func (r *reader[T]) generate(b *operator.Records[T], due int) (err error) {
	number := []int64{0} // for the error, should f panic
	defer operator.Guard(&err, new(int), number)
	for n := 1; n <= due; n++ {
		number[0] = r.first + r.next*r.step
		b.Append(r.f(number[0]), operator.MinTimestamp)
		r.next++
		if n%sizeEvery == 0 && b.Bytes() >= operator.BatchBytes {
			break
		}
	}
	return nil
}

// Offset is the number of records generated.
func (r *reader[T]) Offset() []byte { return binary.AppendUvarint(nil, uint64(r.next)) }

// Close does nothing.
func (r *reader[T]) Close() error { return nil }
