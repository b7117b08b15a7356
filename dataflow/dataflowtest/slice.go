package dataflowtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// FromSlice adds a source of the given records to a flow: bounded, replayable,
// in one split, without event times unless an option gives them.
func FromSlice[T any](
	g *dataflow.Graph, name string, values []T, opts ...dataflow.ReadOption[T],
) dataflow.Stream[T] {
	return dataflow.Read(g, name, SliceSource(values), opts...)
}

// SliceSource is the source that [FromSlice] adds.
func SliceSource[T any](values []T) dataflow.Source[T] {
	return &sliceSource[T]{values: values, failAt: -1}
}

// FailAt lets a source made by [FromSlice] fail once, before the record with
// an index from 0 is read, to see what a restart makes of it.
func FailAt[T any](record int) dataflow.ReadOption[T] {
	return func(r *dataflow.Reading[T]) error {
		s, ok := r.Source.(*sliceSource[T])
		if !ok {
			return fmt.Errorf("FailAt is for sources made by FromSlice, not %T", r.Source)
		}
		s.failAt = record
		return nil
	}
}

type sliceSource[T any] struct {
	values []T

	mu     sync.Mutex // readers of two attempts may overlap
	failAt int        // the record to fail before, once; -1 for none
}

var errInjected = errors.New("the test has this source fail here, once")

func (s *sliceSource[T]) Splits(context.Context) ([]operator.Split, error) {
	return []operator.Split{{ID: "slice"}}, nil
}

func (s *sliceSource[T]) Grows() bool      { return false }
func (s *sliceSource[T]) Replayable() bool { return true }

func (s *sliceSource[T]) Open(
	_ context.Context, _ operator.Split, offset []byte,
) (dataflow.Reader[T], error) {
	r := &sliceReader[T]{s: s}
	if offset == nil {
		return r, nil
	}
	n, k := binary.Uvarint(offset)
	if k != len(offset) || n > uint64(len(s.values)) {
		return nil, fmt.Errorf("read slice: offset %x is none of a slice of %d", offset, len(s.values))
	}
	r.next = int(n)
	return r, nil
}

// fails reports whether to fail now.
func (s *sliceSource[T]) fails(record int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if record != s.failAt {
		return false
	}
	s.failAt = -1
	return true
}

type sliceReader[T any] struct {
	s    *sliceSource[T]
	next int
}

func (r *sliceReader[T]) Read(ctx context.Context, b *operator.Records[T]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for ; r.next < len(r.s.values); r.next++ {
		if b.Full() {
			return nil
		}
		if r.s.fails(r.next) {
			return errInjected
		}
		b.Append(r.s.values[r.next], operator.MinTimestamp)
	}
	return io.EOF
}

func (r *sliceReader[T]) Offset() []byte { return binary.AppendUvarint(nil, uint64(r.next)) }
func (r *sliceReader[T]) Close() error   { return nil }
