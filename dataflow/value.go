package dataflow

import (
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// Value is one value for each key: a handle, held in a field of a
// [Processor]. Copies of it are the same state. Its methods take the
// [Context] of the call and work on the state of its key.
//
// A T that has slices, maps or pointers is shared with the state until it is
// set again: change it after a Get only if you Set it before the call returns.
type Value[T any] struct{ cell *valueCell[T] }

func (Value[T]) isHandle() {}

// NewValue makes a handle. The name is the state's identity within its step.
func NewValue[T any](name string, opts ...StateOption) Value[T] {
	return Value[T]{&valueCell[T]{handle: newHandle(name, opts)}}
}

// Get returns the key's value, or a zero T if it has none.
func (v Value[T]) Get(c Scope) (T, error) {
	value, _, err := v.Lookup(c)
	return value, err
}

// Lookup returns the key's value and whether it has one.
func (v Value[T]) Lookup(c Scope) (value T, ok bool, err error) {
	s, err := v.cell.at(c)
	if err != nil {
		return value, false, err
	}
	if p := v.cell.table.Get(s.key, s.hash); p != nil && v.cell.expiry.live(s.key, s.hash) {
		return *p, true, nil
	}
	return value, false, nil
}

// Set makes value the key's.
func (v Value[T]) Set(c Scope, value T) error {
	s, err := v.cell.at(c)
	if err != nil {
		return err
	}
	p, _ := v.cell.table.Update(s.key, s.hash)
	*p = value
	v.cell.expiry.written(s.key, s.hash)
	return nil
}

// Clear removes the key's value.
func (v Value[T]) Clear(c Scope) error {
	s, err := v.cell.at(c)
	if err != nil {
		return err
	}
	v.cell.table.Delete(s.key, s.hash)
	v.cell.expiry.cleared(s.key, s.hash)
	return nil
}

type valueCell[T any] struct {
	handle
	table  state.Keyed[string, T]
	expiry *expiry[string]
}

// at is safe on the cell of a zero handle.
func (v *valueCell[T]) at(c Scope) (*scope, error) {
	if v == nil {
		return (*handle)(nil).at(c)
	}
	return v.handle.at(c)
}

func (v *valueCell[T]) check() error { return checkHandle[T](&v.handle) }

func (v *valueCell[T]) bind(s *scope, b *state.Backend) (err error) {
	if err = v.own(s); err != nil {
		return err
	}
	if v.table, err = openWhole[T](s, b, v.name); err != nil {
		return err
	}
	v.expiry, err = openExpiry(&v.handle, s, b, func(key string, hash uint64) {
		v.table.Delete(key, hash)
	})
	return err
}

// openExpiry opens the time to live of keys, nil if they have none.
func openExpiry(
	h *handle, s *scope, b *state.Backend, remove func(key string, hash uint64),
) (*expiry[string], error) {
	if h.ttl == 0 {
		return nil, nil
	}
	table, err := openWhole[operator.Timestamp](s, b, h.name+"/expires")
	if err != nil {
		return nil, err
	}
	e := &expiry[string]{
		h: h, s: s, table: table, hashOf: s.keys.hash, own: ownString, remove: remove,
	}
	e.open()
	return e, nil
}
