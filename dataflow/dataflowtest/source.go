package dataflowtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// TestSource checks a source against what [operator.Source] demands. Open
// returns a new source over the same input, which must not change during the
// test and whose splits must end. The input should have several splits and
// more than [operator.BatchSize] records in one of them. The checks:
//
//   - splits have an identity and are the same each time;
//   - a split reads the same each time, from several goroutines at once, too;
//   - batches are not overfilled, times go with values;
//   - reading resumes at any record, if the source is replayable;
//   - the end of a split is io.EOF, and the end of the context its error.
func TestSource[T any](t *testing.T, open func() dataflow.Source[T]) {
	t.Helper()
	s := &sourceTest[T]{t: t, open: open}
	t.Run("splits", s.splits)
	t.Run("reads again", s.again)
	t.Run("reads concurrently", s.concurrently)
	t.Run("resumes", s.resumes)
	t.Run("stops", s.stops)
}

type sourceTest[T any] struct {
	t    *testing.T
	open func() dataflow.Source[T]
}

func (s *sourceTest[T]) list(t *testing.T, src dataflow.Source[T]) []operator.Split {
	t.Helper()
	splits, err := src.Splits(t.Context())
	if err != nil {
		t.Fatalf("Splits: %v", err)
	}
	if len(splits) == 0 {
		t.Fatal("Splits: there are none; give the test an input")
	}
	return splits
}

func (s *sourceTest[T]) splits(t *testing.T) {
	src := s.open()
	first := s.list(t, src)
	seen := map[string]bool{}
	for _, sp := range first {
		if sp.ID == "" || seen[sp.ID] {
			t.Errorf("Splits: ID %q is empty or twice", sp.ID)
		}
		seen[sp.ID] = true
	}
	for _, other := range []dataflow.Source[T]{src, s.open()} {
		if again := s.list(t, other); !reflect.DeepEqual(again, first) {
			t.Errorf("Splits: got %v, then %v", first, again)
		}
	}
}

// all reads a split from an offset to its end.
func all[T any](
	ctx context.Context, src dataflow.Source[T], sp operator.Split, offset []byte,
) (got []T, end []byte, err error) {
	r, err := src.Open(ctx, sp, offset)
	if err != nil {
		return nil, nil, fmt.Errorf("open split %q at %x: %w", sp.ID, offset, err)
	}
	pool := operator.NewPool[T]()
	for err == nil {
		b := pool.Get()
		err = r.Read(ctx, b)
		if len(b.Values) != len(b.Times) || len(b.Values) > operator.BatchSize {
			err = fmt.Errorf("a batch of %d values and %d times, %d at most", len(b.Values),
				len(b.Times), operator.BatchSize)
		} else if err == nil && len(b.Values) == 0 {
			err = errors.New("a Read without error gave no records; it must wait for the first")
		}
		got = append(got, b.Values...)
		b.Release()
	}
	end = r.Offset()
	if err = errors.Join(ignore(err, io.EOF), r.Close()); err != nil {
		return nil, nil, fmt.Errorf("read split %q from %x: %w", sp.ID, offset, err)
	}
	return got, end, nil
}

func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

func (s *sourceTest[T]) again(t *testing.T) {
	for _, sp := range s.list(t, s.open()) {
		first, end, err := all(t.Context(), s.open(), sp, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, againEnd, err := all(t.Context(), s.open(), sp, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(first, again) || !reflect.DeepEqual(end, againEnd) {
			t.Errorf("split %q: read %d records to offset %x, then %d others to %x",
				sp.ID, len(first), end, len(again), againEnd)
		}
	}
}

func (s *sourceTest[T]) concurrently(t *testing.T) {
	src := s.open()
	splits := s.list(t, src)
	got, errs := make([][]T, len(splits)), make([]error, len(splits))
	var running sync.WaitGroup
	for i, sp := range splits {
		running.Go(func() { got[i], _, errs[i] = all(t.Context(), src, sp, nil) })
	}
	running.Wait()
	for i, sp := range splits {
		alone, _, err := all(t.Context(), s.open(), sp, nil)
		if err = errors.Join(errs[i], err); err != nil {
			t.Error(err)
		} else if !reflect.DeepEqual(got[i], alone) {
			t.Errorf("split %q: %d records beside readers of other splits, %d others alone",
				sp.ID, len(got[i]), len(alone))
		}
	}
}

// maxResumes bounds the records of a split at which reading is resumed.
const maxResumes = 200

func (s *sourceTest[T]) resumes(t *testing.T) {
	if !s.open().Replayable() {
		t.Skip("the source is not replayable")
	}
	for _, sp := range s.list(t, s.open()) {
		if err := s.resumesAt(t.Context(), sp); err != nil {
			t.Errorf("split %q: %v", sp.ID, err)
		}
	}
}

// resumesAt reads a split record by record and goes on with another source
// at some of them, among these the first, the last and those around the end
// of a batch.
func (s *sourceTest[T]) resumesAt(ctx context.Context, sp operator.Split) error {
	whole, _, err := all(ctx, s.open(), sp, nil)
	if err != nil {
		return err
	}
	r, err := s.open().Open(ctx, sp, nil)
	if err != nil {
		return err
	}
	stride := 1 + len(whole)/maxResumes
	for n := 0; ; n++ {
		near := n%operator.BatchSize < 2 || n == len(whole) || n == len(whole)-1
		if near || n%stride == 0 {
			if err := s.resume(ctx, sp, r.Offset(), whole[n:]); err != nil {
				return fmt.Errorf("after %d of %d records: %w", n, len(whole), err)
			}
		}
		if n == len(whole) {
			return r.Close()
		}
		if err := one(ctx, r); err != nil && !(err == io.EOF && n == len(whole)-1) {
			return fmt.Errorf("after %d of %d records: %w", n, len(whole), err)
		}
	}
}

func (s *sourceTest[T]) resume(
	ctx context.Context, sp operator.Split, offset []byte, want []T,
) error {
	got, _, err := all(ctx, s.open(), sp, offset)
	if err != nil {
		return err
	}
	if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		i := 0
		for i < min(len(got), len(want)) && reflect.DeepEqual(got[i], want[i]) {
			i++
		}
		return fmt.Errorf("resumed at %x: %d records, want %d; number %d is the first that differs",
			offset, len(got), len(want), i)
	}
	return nil
}

// one reads a single record: the batch it passes has no room for more.
func one[T any](ctx context.Context, r dataflow.Reader[T]) error {
	b := operator.NewPool[T]().Get()
	var zero T
	for range operator.BatchSize - 1 {
		b.Append(zero, 0)
	}
	err := r.Read(ctx, b)
	if n := b.Len(); n != operator.BatchSize {
		return fmt.Errorf("read %d records into a batch with room for one: %w",
			n-operator.BatchSize+1, err)
	}
	return err
}

func (s *sourceTest[T]) stops(t *testing.T) {
	src := s.open()
	sp := s.list(t, src)[0]
	r, err := src.Open(t.Context(), sp, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := operator.NewPool[T]().Get()
	if err := r.Read(ctx, b); !errors.Is(err, context.Canceled) {
		t.Errorf("Read with a context that has ended: got %v, want its error", err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}
