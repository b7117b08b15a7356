package operator

import (
	"sync"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// sizer measures the memory of a slice of values together with their event
// times.
type sizer[T any] struct {
	fixed int
	extra func(*T) int // nil when T points at nothing
}

func newSizer[T any]() sizer[T] {
	fixed, extra := codec.SizeOf[T]()
	return sizer[T]{fixed: fixed + 8, extra: extra}
}

func (s sizer[T]) of(values []T) int {
	n := s.fixed * len(values)
	if s.extra != nil {
		for i := range values {
			n += s.extra(&values[i])
		}
	}
	return n
}

func (s sizer[T]) one(v *T) int {
	if s.extra == nil {
		return s.fixed
	}
	return s.fixed + s.extra(v)
}

// limit is how many records of at least the given size make a full batch.
func limit(fixed int) int { return max(1, min(BatchSize, BatchBytes/fixed)) }

// A Pool hands out empty batches of one type and takes them back. It is safe
// for concurrent use: a batch is taken by the task that fills it and given
// back by the task that has consumed it.
type Pool[T any] struct {
	free  sync.Pool
	size  sizer[T]
	limit int // records
	clear bool
}

// NewPool makes a pool for batches of T.
func NewPool[T any]() *Pool[T] {
	s := newSizer[T]()
	return &Pool[T]{size: s, limit: limit(s.fixed), clear: s.extra != nil}
}

// Get returns an empty batch with room for [BatchSize] records.
func (p *Pool[T]) Get() *Records[T] {
	if r, ok := p.free.Get().(*Records[T]); ok {
		return r
	}
	return &Records[T]{
		Values: make([]T, 0, BatchSize), Times: make([]Timestamp, 0, BatchSize), pool: p,
	}
}

func (p *Pool[T]) put(r *Records[T]) {
	if cap(r.Values) > 2*BatchSize {
		return // grown by an operator that emits much at once: let it go
	}
	if p.clear {
		clear(r.Values)
	}
	r.Values, r.Times = r.Values[:0], r.Times[:0]
	p.free.Put(r)
}

// A KeyedPool is a [Pool] of keyed batches.
type KeyedPool[K comparable, T any] struct {
	free  sync.Pool
	keys  sizer[K]
	size  sizer[T]
	limit int // records
	clear bool
}

// NewKeyedPool makes a pool for batches of T keyed by K.
func NewKeyedPool[K comparable, T any]() *KeyedPool[K, T] {
	k, s := newSizer[K](), newSizer[T]()
	return &KeyedPool[K, T]{
		keys: k, size: s, limit: limit(8 + k.fixed + s.fixed),
		clear: k.extra != nil || s.extra != nil,
	}
}

// Get returns an empty batch with room for [BatchSize] records.
func (p *KeyedPool[K, T]) Get() *Keyed[K, T] {
	if k, ok := p.free.Get().(*Keyed[K, T]); ok {
		return k
	}
	return &Keyed[K, T]{
		Keys: make([]K, 0, BatchSize), Hashes: make([]uint64, 0, BatchSize),
		Values: make([]T, 0, BatchSize), Times: make([]Timestamp, 0, BatchSize), pool: p,
	}
}

func (p *KeyedPool[K, T]) put(k *Keyed[K, T]) {
	if cap(k.Values) > 2*BatchSize {
		return
	}
	if p.clear {
		clear(k.Keys)
		clear(k.Values)
	}
	k.Keys, k.Hashes = k.Keys[:0], k.Hashes[:0]
	k.Values, k.Times, k.held = k.Values[:0], k.Times[:0], 0
	p.free.Put(k)
}
