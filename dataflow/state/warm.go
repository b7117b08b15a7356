package state

// WarmSize is how many keys at a time are worth warming: few enough that what
// they bring into the nearest cache is still there when they are updated.
const WarmSize = 64

// A Warmer is a table that can be told which keys will be asked for next. It
// brings their entries into the cache: the look-ups of a batch then miss it
// side by side rather than one after the other.
type Warmer interface {
	Warm(hashes []uint64)
}

// Warm reads what look-ups of the keys with these hashes will read.
func (m *memory[K, V]) Warm(hashes []uint64) {
	var sum uint32
	for _, h := range hashes {
		g := m.group(h)
		if len(g.tags) == 0 {
			continue
		}
		frag := uint32(h)
		at := int(frag) & (len(g.tags) - 1)
		if hits := match(g.tags[at], tagOf(frag)); hits != 0 {
			sum += g.entries[at*slots+first(hits)].changed
		}
	}
	m.warmth += sum // a use, so that the reads are not optimised away
}
