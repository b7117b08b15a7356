package state

import "github.com/flyball-stream/flyball/dataflow/codec"

// LocateSize is how many keys at a time are worth locating: few enough that
// what they bring into the nearest cache is still there when they are updated.
const LocateSize = 64

// A Locator is a table that can look many keys up before they are updated one
// by one. Look-ups that wait for nothing but memory then wait side by side
// rather than one after the other.
type Locator[K comparable, V any] interface {
	// Locate notes in at the values of keys, nil for keys that are not there.
	// Those that are count as changed from then on, as by [Keyed.Update]. The
	// slices are equally long. The notes hold until the next capture, and while
	// the number behind Moves is what it was.
	Locate(keys []K, hashes []uint64, at []*V)
	// Moves points at a number that changes whenever a value may have moved.
	Moves() *uint64
}

// A Fetcher is a table that can bring entries into the caches of the processor
// before they are looked up one by one.
type Fetcher interface {
	// Fetch asks for the entries with these hashes, of the first [LocateSize], side
	// by side, and waits for none of them. It changes nothing.
	Fetch(hashes []uint64)
}

// Fetch looks into the first word probed alone. A wrong guess costs time.
func (m *memory[K, V]) Fetch(hashes []uint64) {
	var at [LocateSize]int
	hashes = hashes[:min(len(hashes), LocateSize)]
	for i, h := range hashes {
		if g := m.group(h); len(g.tags) > 0 {
			word := int(uint32(h)) & (len(g.tags) - 1)
			at[i] = word*slots + first(match(g.tags[word], tagOf(uint32(h))))
		}
	}
	for i, h := range hashes {
		if g := m.group(h); at[i] < len(g.entries) {
			codec.Touch(&g.entries[at[i]])
		}
	}
}

// Moves counts deletions, and insertions that made room first.
func (m *memory[K, V]) Moves() *uint64 { return &m.moves }

// Locate notes the values of keys. The first word probed has nearly every
// key, so that its look-up is written out: with no call in between, the
// processor is many keys ahead of the memory that it waits for.
func (m *memory[K, V]) Locate(keys []K, hashes []uint64, at []*V) {
	keys, at = keys[:len(hashes)], at[:len(hashes)]
	epoch := m.b.epoch
	for i, h := range hashes {
		g := m.group(h)
		at[i] = nil
		if len(g.tags) == 0 {
			continue
		}
		word := int(uint32(h)) & (len(g.tags) - 1)
		pos := word*slots + first(match(g.tags[word], tagOf(uint32(h))))
		if pos >= len(g.entries) || g.entries[pos].key != keys[i] || !g.entries[pos].live() {
			if pos = g.find(keys[i], uint32(h)); pos < 0 {
				continue
			}
		}
		e := &g.entries[pos]
		if e.changed != epoch {
			m.touch(g, pos)
		}
		at[i] = &e.value
	}
}
