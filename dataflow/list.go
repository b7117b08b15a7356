package dataflow

import (
	"iter"

	"github.com/flyball-stream/flyball/dataflow/state"
)

// List is a list of values for each key, which grows at its end: a handle,
// held in a field of a [Processor]. Appending costs the same however long the
// list is, also in the next checkpoint, which holds the last few elements
// again and no others.
type List[T any] struct{ cell *listCell[T] }

func (List[T]) isHandle() {}

// NewList makes a handle. The name is the state's identity within its step. A
// [TTL] is that of the whole list since the last Append.
func NewList[T any](name string, opts ...StateOption) List[T] {
	return List[T]{&listCell[T]{handle: newHandle(name, opts)}}
}

// Append adds values to the end of the key's list.
func (l List[T]) Append(c Scope, values ...T) error {
	s, err := l.cell.at(c)
	if err != nil || len(values) == 0 {
		return err
	}
	if !l.cell.expiry.live(s.key, s.hash) {
		l.cell.remove(s.key, s.hash)
	}
	for _, v := range values {
		l.cell.append(s, v)
	}
	l.cell.expiry.written(s.key, s.hash)
	return nil
}

// All is the sequence of the key's list, with the elements' indexes, as the
// list is when the iteration begins. Elements that have slices, maps or
// pointers must not be changed through them. An error fails the call of the
// processor and makes the sequence empty.
func (l List[T]) All(c Scope) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		s, err := l.cell.at(c)
		if err != nil {
			c.scope().fail(err)
			return
		}
		if l.cell.expiry.live(s.key, s.hash) {
			l.cell.all(s.key, s.hash, yield)
		}
	}
}

// Len is the length of the key's list.
func (l List[T]) Len(c Scope) (int, error) {
	s, err := l.cell.at(c)
	if err != nil {
		return 0, err
	}
	if h := l.cell.heads.Get(s.key, s.hash); h != nil && l.cell.expiry.live(s.key, s.hash) {
		return h.Full*chunkLen + len(h.Tail), nil
	}
	return 0, nil
}

// Clear removes the key's list.
func (l List[T]) Clear(c Scope) error {
	s, err := l.cell.at(c)
	if err != nil {
		return err
	}
	l.cell.remove(s.key, s.hash)
	l.cell.expiry.cleared(s.key, s.hash)
	return nil
}

// chunkLen is the number of elements that are stored as one. A checkpoint
// rewrites up to as many for a list that has grown; a list has an entry of its
// own for every so many.
const chunkLen = 32

// head is the entry of a list: its last elements, and how many full chunks
// are before them in the other table. Full chunks never change.
type head[T any] struct {
	Full int
	Tail []T
}

type listCell[T any] struct {
	handle
	heads  state.Keyed[string, head[T]]
	chunks state.Keyed[part[int], []T]
	expiry *expiry[string]
}

// at is safe on the cell of a zero handle.
func (l *listCell[T]) at(c Scope) (*scope, error) {
	if l == nil {
		return (*handle)(nil).at(c)
	}
	return l.handle.at(c)
}

func (l *listCell[T]) check() error { return checkHandle[T](&l.handle) }

func (l *listCell[T]) bind(s *scope, b *state.Backend) (err error) {
	if err = l.own(s); err != nil {
		return err
	}
	if l.heads, err = openWhole[head[T]](s, b, l.name); err != nil {
		return err
	}
	if l.chunks, err = openParts[int, []T](s, b, l.name+"/full", hashInt, ownPart[int]); err != nil {
		return err
	}
	l.expiry, err = openExpiry(&l.handle, s, b, l.remove)
	return err
}

func hashInt(i int) uint64 { return uint64(i) }

func (l *listCell[T]) append(s *scope, v T) {
	h, _ := l.heads.Update(s.key, s.hash)
	if len(h.Tail) == chunkLen {
		chunk, _ := l.chunks.Update(part[int]{s.key, h.Full}, state.SubHash(s.hash, hashInt(h.Full)))
		*chunk = h.Tail
		h.Full, h.Tail = h.Full+1, nil
	}
	h.Tail = append(h.Tail, v)
}

func (l *listCell[T]) all(key string, hash uint64, yield func(int, T) bool) {
	h := l.heads.Get(key, hash)
	if h == nil {
		return
	}
	full, tail := h.Full, h.Tail
	for n := range full {
		chunk := l.chunks.Get(part[int]{key, n}, state.SubHash(hash, hashInt(n)))
		if chunk == nil {
			return // the list was cleared while it was being read
		}
		for i, v := range *chunk {
			if !yield(n*chunkLen+i, v) {
				return
			}
		}
	}
	for i, v := range tail {
		if !yield(full*chunkLen+i, v) {
			return
		}
	}
}

func (l *listCell[T]) remove(key string, hash uint64) {
	h := l.heads.Get(key, hash)
	if h == nil {
		return
	}
	for n := range h.Full {
		l.chunks.Delete(part[int]{key, n}, state.SubHash(hash, hashInt(n)))
	}
	l.heads.Delete(key, hash)
}
