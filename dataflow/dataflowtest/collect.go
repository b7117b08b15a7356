package dataflowtest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Collected is a sink in memory: a transactional one, which shows a record
// once the checkpoint that it belongs to is complete. Safe for concurrent use.
type Collected[T any] struct {
	mu        sync.Mutex
	visible   []T
	pending   map[string][]T  // prepared transactions, by token
	committed map[string]bool // tokens
}

// Collect adds a sink that keeps the records of s in memory.
func Collect[T any](
	s dataflow.Stream[T], name string, opts ...dataflow.Option,
) *Collected[T] {
	c := NewCollected[T]()
	dataflow.Write(s, name, c.Sink(), opts...)
	return c
}

// NewCollected makes an empty one that is not part of a flow.
func NewCollected[T any]() *Collected[T] {
	return &Collected[T]{pending: map[string][]T{}, committed: map[string]bool{}}
}

// Values returns the records that are visible: those of one writer in the
// order in which it wrote them, those of several in any. The caller owns the
// slice.
func (c *Collected[T]) Values() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.visible)
}

// Sink is the sink itself.
func (c *Collected[T]) Sink() dataflow.Sink[T] { return collecting[T]{c} }

type collecting[T any] struct{ c *Collected[T] }

func (s collecting[T]) Delivery() operator.Delivery { return operator.Transactional }

func (s collecting[T]) Open(p operator.Place) (dataflow.Writer[T], error) {
	return &collectingWriter[T]{c: s.c, place: p}, nil
}

func (s collecting[T]) Commit(token []byte) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.c.committed[string(token)] {
		return nil
	}
	values, ok := s.c.pending[string(token)]
	if !ok {
		return fmt.Errorf("commit: there is no transaction %q", token)
	}
	delete(s.c.pending, string(token))
	s.c.visible = append(s.c.visible, values...)
	s.c.committed[string(token)] = true
	return nil
}

func (s collecting[T]) Recover() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	clear(s.c.pending)
	return nil
}

type collectingWriter[T any] struct {
	c     *Collected[T]
	place operator.Place
	now   []T
}

func (w *collectingWriter[T]) Write(b *operator.Records[T]) error {
	w.now = append(w.now, b.Values...)
	return nil
}

func (w *collectingWriter[T]) Prepare(checkpoint uint64) (operator.Prepared, error) {
	if len(w.now) == 0 {
		return nil, nil
	}
	token := fmt.Sprintf("%d/%d/%d", w.place.Generation, checkpoint, w.place.Subtask)
	p := &collectingPrepared[T]{w.c, token, w.now}
	w.now = nil
	return p, nil
}

func (w *collectingWriter[T]) Close() error { return nil }

type collectingPrepared[T any] struct {
	c      *Collected[T]
	token  string
	values []T
}

func (p *collectingPrepared[T]) Persist() ([]byte, error) {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	p.c.pending[p.token] = p.values
	return []byte(p.token), nil
}
