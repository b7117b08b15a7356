package state

// LocateSize is how many keys at a time are worth locating: few enough that
// what they bring into the nearest cache is still there when they are updated.
const LocateSize = 64

// A Locator is a table that can look many keys up before it updates them one
// by one. Look-ups that wait for nothing but memory then wait side by side
// rather than one after the other.
type Locator[K comparable, V any] interface {
	// Locate notes in at where the entries of keys are. The slices are equally
	// long. A note may go stale by the next insertion; it is a hint.
	Locate(keys []K, hashes []uint64, at []int32)
	// UpdateAt is [Keyed.Update] with a note of Locate about the key.
	UpdateAt(at int32, key K, hash uint64) (v *V, created bool)
}

// Locate notes positions, -1 for keys that are not there.
func (m *memory[K, V]) Locate(keys []K, hashes []uint64, at []int32) {
	for i, h := range hashes {
		at[i] = int32(m.group(h).find(keys[i], uint32(h)))
	}
}

// UpdateAt uses the note if the key is where it says.
func (m *memory[K, V]) UpdateAt(at int32, key K, hash uint64) (*V, bool) {
	g := m.group(hash)
	if uint(at) < uint(len(g.entries)) {
		if e := &g.entries[at]; e.key == key && e.live() {
			if e.changed != m.b.epoch {
				m.touch(g, int(at))
			}
			return &e.value, false
		}
	}
	return m.Update(key, hash)
}
