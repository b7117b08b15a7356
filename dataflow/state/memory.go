package state

import (
	"github.com/flyball-stream/flyball/dataflow/codec"
)

// memory is the table that lives in memory: per key group an open-addressing
// index over a dense slice of entries.
type memory[K comparable, V any] struct {
	b      *Backend
	spec   Spec[K, V]
	groups []group[K, V]
	total  uint64 // key groups of the flow
	shares bool   // V shares memory with its copies: even a Get must preserve
	older  bool   // what is stored has another schema: the next run must be a base
	n      int
	moves  uint64
	puts   meanSize
	tombs  meanSize

	// Of what encoding asks for ahead, see [memory.warm]: nil for what points at nothing.
	warmKey   func(*K, int)
	warmValue func(*V, int)
	depth     int
}

// entry is one key with its value. changed is the epoch of its last change,
// saved the epoch whose capture has it encoded already.
type entry[K comparable, V any] struct {
	key     K
	value   V
	changed uint32
	saved   uint32 // low 30 bits: epoch; then the flags
}

const (
	epochRestored = 1 // of entries that came from a checkpoint
	epochFirst    = 2

	flagStored = 1 << 30 // some block holds the key: deleting it needs a tombstone
	flagLive   = 1 << 31
	epochMask  = flagStored - 1
)

func (e *entry[K, V]) live() bool          { return e.saved&flagLive != 0 }
func (e *entry[K, V]) savedEpoch() uint32  { return e.saved & epochMask }
func (e *entry[K, V]) markSaved(at uint32) { e.saved = e.saved&^epochMask | at | flagStored }

func newMemory[K comparable, V any](b *Backend, spec Spec[K, V]) (*memory[K, V], error) {
	var err error
	if spec.Key == nil {
		if spec.Key, err = codec.For[K](); err != nil {
			return nil, err
		}
	}
	if spec.Value == nil {
		if spec.Value, err = codec.For[V](); err != nil {
			return nil, err
		}
	}
	if spec.Hash == nil {
		if spec.Hash, err = codec.HashFor[K](); err != nil {
			return nil, err
		}
	}
	if spec.Own == nil {
		spec.Own = copier(spec.Key)
	}
	m := &memory[K, V]{
		b: b, spec: spec,
		groups: make([]group[K, V], b.cfg.Range.Len()),
		total:  uint64(b.cfg.Groups),
		shares: codec.HasReferences[V](),

		warmKey: codec.WarmerFor[K](), warmValue: codec.WarmerFor[V](),
	}
	if m.warmKey != nil || m.warmValue != nil {
		m.depth = codec.WarmDepth
	}
	for i := range m.groups {
		m.groups[i].number = b.cfg.Range.From + i
	}
	return m, nil
}

// copier returns a function that copies a key with all that it points at, or
// nil if keys point at nothing. A key is often cut out of a line, and lines
// share memory: kept as it is, a word of five bytes would keep kilobytes.
func copier[K comparable](c codec.Codec[K]) func(K) K {
	if _, extra := codec.SizeOf[K](); extra == nil {
		return nil
	}
	var buf []byte
	return func(k K) K {
		var own K
		var err error
		if buf, err = c.Append(buf[:0], &k); err == nil {
			_, err = c.Decode(buf, &own)
		}
		if err != nil || own != k {
			return k // it cannot be encoded: the next capture will say so
		}
		return own
	}
}

func (m *memory[K, V]) name() string { return m.spec.Name }
func (m *memory[K, V]) entries() int { return m.n }

// changed counts by key group, not by entry.
// Len is the number of entries.
func (m *memory[K, V]) Len() int { return m.n }

func (m *memory[K, V]) schema() Schema {
	return Schema{m.spec.Name, m.spec.Key.Schema().String(), m.spec.Value.Schema().String()}
}

func (m *memory[K, V]) group(hash uint64) *group[K, V] {
	return &m.groups[GroupOf(hash, m.total)-m.b.cfg.Range.From]
}

// Get returns the value of key or nil.
func (m *memory[K, V]) Get(key K, hash uint64) *V {
	g := m.group(hash)
	pos := g.find(key, uint32(hash))
	if pos < 0 {
		return nil
	}
	if m.shares && g.frozen {
		m.preserve(g, pos)
	}
	return &g.entries[pos].value
}

// Update returns the value of key for change.
func (m *memory[K, V]) Update(key K, hash uint64) (*V, bool) {
	g := m.group(hash)
	if pos := g.find(key, uint32(hash)); pos >= 0 {
		if e := &g.entries[pos]; e.changed != m.b.epoch {
			m.touch(g, pos)
		}
		return &g.entries[pos].value, false
	}
	if m.spec.Own != nil {
		key = m.spec.Own(key)
	}
	pos, moved := g.insert(key, uint32(hash), m.spec.Hash)
	m.n++
	if moved {
		m.moves++
	}
	e := &g.entries[pos]
	e.changed, e.saved = m.b.epoch, (m.b.epoch-1)|flagLive
	g.mark(pos, m.b.epoch)
	return &e.value, true
}

// touch marks an entry as changed, after saving what a capture froze of it.
func (m *memory[K, V]) touch(g *group[K, V], pos int) {
	if g.frozen {
		m.preserve(g, pos)
	}
	g.outdate(g.entries[pos].changed)
	g.entries[pos].changed = m.b.epoch
	g.mark(pos, m.b.epoch)
}

// Delete removes key.
func (m *memory[K, V]) Delete(key K, hash uint64) bool {
	g := m.group(hash)
	pos := g.find(key, uint32(hash))
	if pos < 0 {
		return false
	}
	if g.frozen {
		m.preserve(g, pos)
	}
	if e := &g.entries[pos]; e.saved&flagStored != 0 {
		g.tombs = append(g.tombs, tomb[K]{e.key, m.b.epoch})
		g.outdate(e.changed)
	}
	g.remove(pos)
	m.n--
	m.moves++
	return true
}

// Range visits all entries.
func (m *memory[K, V]) Range(f func(key K, v *V) bool) {
	for i := range m.groups {
		g := &m.groups[i]
		for pos := 0; pos < len(g.entries); pos++ {
			if !g.entries[pos].live() {
				continue
			}
			if m.shares && g.frozen {
				m.preserve(g, pos)
			}
			if !f(g.entries[pos].key, &g.entries[pos].value) {
				return
			}
		}
	}
}
