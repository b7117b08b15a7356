package dataflow

import (
	"iter"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// MapState is a map for each key: a handle, held in a field of a [Processor].
// Every entry is stored by itself, so a change costs as much as the entry it
// changes, also in the next checkpoint.
//
// [MapState.All], [MapState.Len] and [MapState.Clear] need an index of each key's entries,
// which is built from the entries when one of them is first called and takes
// as much memory again as the map keys do; Get, Put and Delete do without.
type MapState[MK comparable, MV any] struct{ cell *mapCell[MK, MV] }

func (MapState[MK, MV]) isHandle() {}

// NewMapState makes a handle. The name is the state's identity within its step. MK
// must be a type that package codec can hash. A [TTL] is that of each entry.
func NewMapState[MK comparable, MV any](name string, opts ...StateOption) MapState[MK, MV] {
	return MapState[MK, MV]{&mapCell[MK, MV]{handle: newHandle(name, opts)}}
}

// Get returns an entry of the key's map and whether there is one.
func (m MapState[MK, MV]) Get(c Scope, k MK) (v MV, ok bool, err error) {
	s, err := m.cell.at(c)
	if err != nil {
		return v, false, err
	}
	if p := m.cell.get(s, k); p != nil {
		return *p, true, nil
	}
	return v, false, nil
}

// Put sets an entry of the key's map.
func (m MapState[MK, MV]) Put(c Scope, k MK, v MV) error {
	s, err := m.cell.at(c)
	if err != nil {
		return err
	}
	e, hash := m.cell.entry(s, k)
	p, created := m.cell.table.Update(e, hash)
	if *p = v; created && m.cell.index != nil {
		m.cell.index.added(s.key, k)
	}
	m.cell.expiry.written(e, hash)
	return nil
}

// Delete removes an entry of the key's map.
func (m MapState[MK, MV]) Delete(c Scope, k MK) error {
	s, err := m.cell.at(c)
	if err != nil {
		return err
	}
	e, hash := m.cell.entry(s, k)
	m.cell.remove(e, hash)
	m.cell.expiry.cleared(e, hash)
	return nil
}

// All is the sequence of the entries of the key's map, in ascending order if
// MK is a number or a string, otherwise in the order of the keys' encodings:
// always the same for the same entries. Entries put while it is being
// iterated over are not in it, deleted ones are left out. Values that have
// slices, maps or pointers must not be changed through it. An error fails the
// call of the processor and makes the sequence empty.
func (m MapState[MK, MV]) All(c Scope) iter.Seq2[MK, MV] {
	return func(yield func(MK, MV) bool) {
		s, err := m.cell.at(c)
		if err != nil {
			c.scope().fail(err)
			return
		}
		for _, k := range m.cell.keys(s) {
			v := m.cell.get(s, k)
			if v != nil && !yield(k, *v) {
				return
			}
		}
	}
}

// Len is the number of entries of the key's map. With a [TTL] it looks at all
// of them.
func (m MapState[MK, MV]) Len(c Scope) (int, error) {
	s, err := m.cell.at(c)
	if err != nil {
		return 0, err
	}
	if m.cell.expiry == nil {
		return m.cell.indexed(s).count(s.key), nil
	}
	n := 0
	for _, k := range m.cell.keys(s) {
		if m.cell.get(s, k) != nil {
			n++
		}
	}
	return n, nil
}

// Clear removes all entries of the key's map.
func (m MapState[MK, MV]) Clear(c Scope) error {
	s, err := m.cell.at(c)
	if err != nil {
		return err
	}
	for _, k := range m.cell.keys(s) {
		if err := m.Delete(c, k); err != nil {
			return err
		}
	}
	return nil
}

type mapCell[MK comparable, MV any] struct {
	handle
	table  state.Keyed[part[MK], MV]
	hash   func(MK) uint64
	hashOf func(part[MK]) uint64
	less   func(a, b MK) bool
	index  *index[MK] // nil until needed
	expiry *expiry[part[MK]]
}

// at is safe on the cell of a zero handle.
func (m *mapCell[MK, MV]) at(c Scope) (*scope, error) {
	if m == nil {
		return (*handle)(nil).at(c)
	}
	return m.handle.at(c)
}

func (m *mapCell[MK, MV]) check() error {
	if _, err := codec.HashFor[MK](); err != nil {
		return err
	}
	if _, err := codec.For[MK](); err != nil {
		return err
	}
	return checkHandle[MV](&m.handle)
}

func (m *mapCell[MK, MV]) bind(s *scope, b *state.Backend) (err error) {
	if err = m.own(s); err != nil {
		return err
	}
	if m.hash, err = codec.HashFor[MK](); err != nil {
		return err
	}
	if m.less, err = lessFor[MK](); err != nil {
		return err
	}
	m.hashOf = func(e part[MK]) uint64 { return state.SubHash(s.keys.hash(e.key), m.hash(e.sub)) }
	if m.table, err = openParts[MK, MV](s, b, m.name, m.hash, ownPart[MK]); err != nil || m.ttl == 0 {
		return err
	}
	m.expiry = &expiry[part[MK]]{
		h: &m.handle, s: s, hashOf: m.hashOf, own: ownPart[MK], remove: m.remove,
	}
	m.expiry.table, err = openParts[MK, operator.Timestamp](s, b, m.name+"/expires", m.hash,
		ownPart[MK])
	if err == nil {
		m.expiry.open()
	}
	return err
}

func (m *mapCell[MK, MV]) entry(s *scope, k MK) (part[MK], uint64) {
	return part[MK]{s.key, k}, state.SubHash(s.hash, m.hash(k))
}

// get returns an entry's value, nil if there is none or it has expired.
func (m *mapCell[MK, MV]) get(s *scope, k MK) *MV {
	e, hash := m.entry(s, k)
	if v := m.table.Get(e, hash); v != nil && m.expiry.live(e, hash) {
		return v
	}
	return nil
}

func (m *mapCell[MK, MV]) remove(e part[MK], hash uint64) {
	if m.table.Delete(e, hash) && m.index != nil {
		m.index.removed(e.key)
	}
}

// keys are the keys of the entries of a key's map, in order.
func (m *mapCell[MK, MV]) keys(s *scope) []MK { return m.indexed(s).keys(s.key) }

// indexed is the index, built when it is first needed.
func (m *mapCell[MK, MV]) indexed(s *scope) *index[MK] {
	if m.index != nil {
		return m.index
	}
	m.index = &index[MK]{sets: map[string]*keySet[MK]{}, less: m.less, has: func(k MK) bool {
		return m.table.Get(m.entry(s, k)) != nil
	}}
	m.table.Range(func(e part[MK], _ *MV) bool {
		m.index.added(e.key, e.sub)
		return true
	})
	return m.index
}
