package state

// group is one key group of a table. The index maps hash fragments to
// positions: its words are fragment<<32 | position+1, 0 is empty, collisions
// probe linearly. Entries stay at their position for life, so that the lists
// of changed positions stay true while the index grows.
type group[K comparable, V any] struct {
	number  int
	index   []uint64
	entries []entry[K, V]
	free    []uint32 // positions of deleted entries

	dirty []uint32  // changed in the current epoch; may repeat a position
	tombs []tomb[K] // deleted since the base, oldest first

	frozen  bool     // a capture is being written
	held    []uint32 // its changed positions
	cursor  int      // how far its encoding has come
	plan    plan
	buf     []byte // the block being filled
	count   int    // entries in buf
	written int    // bytes of the run so far
	opened  bool   // the run has begun: tombstones are in
	runs    []run  // what a restore of the group would read
}

// tomb is a deletion that some stored run does not know of.
type tomb[K comparable] struct {
	key   K
	epoch uint32
}

const minIndex = 8

// mark adds pos to the changed positions. Entries that come and go between
// two captures, as those of short windows do, repeat their positions; the
// list is thinned out before it outgrows the entries.
func (g *group[K, V]) mark(pos int, epoch uint32) {
	if len(g.dirty) < 2*len(g.entries)+64 {
		g.dirty = append(g.dirty, uint32(pos))
		return
	}
	g.dirty = g.dirty[:0]
	for i := range g.entries {
		if e := &g.entries[i]; e.live() && e.changed == epoch {
			g.dirty = append(g.dirty, uint32(i))
		}
	}
}

// find returns the position of key or -1.
func (g *group[K, V]) find(key K, frag uint32) int {
	if len(g.index) == 0 {
		return -1
	}
	mask := uint32(len(g.index) - 1)
	for slot := frag & mask; ; slot = (slot + 1) & mask {
		word := g.index[slot]
		if word == 0 {
			return -1
		}
		if uint32(word>>32) == frag {
			if pos := int(uint32(word)) - 1; g.entries[pos].key == key {
				return pos
			}
		}
	}
}

// insert adds key, which must not be there, and returns its position.
func (g *group[K, V]) insert(key K, frag uint32) int {
	if (g.size()+1)*4 > len(g.index)*3 {
		g.grow()
	}
	var pos int
	if n := len(g.free); n > 0 {
		pos = int(g.free[n-1])
		g.free = g.free[:n-1]
	} else {
		pos = len(g.entries)
		g.entries = append(g.entries, entry[K, V]{})
	}
	g.entries[pos].key = key
	place(g.index, uint64(frag)<<32|uint64(pos+1))
	return pos
}

func (g *group[K, V]) size() int { return len(g.entries) - len(g.free) }

func place(index []uint64, word uint64) {
	mask := uint32(len(index) - 1)
	slot := uint32(word>>32) & mask
	for index[slot] != 0 {
		slot = (slot + 1) & mask
	}
	index[slot] = word
}

func (g *group[K, V]) grow() {
	bigger := make([]uint64, max(minIndex, 2*len(g.index)))
	for _, word := range g.index {
		if word != 0 {
			place(bigger, word)
		}
	}
	g.index = bigger
}

// remove deletes the entry at pos and closes the gap in its probe sequence,
// so that no tombstones build up in the index (Knuth, TAOCP 3, 6.4, R).
func (g *group[K, V]) remove(pos int, frag uint32) {
	mask := uint32(len(g.index) - 1)
	hole := frag & mask
	for int(uint32(g.index[hole]))-1 != pos {
		hole = (hole + 1) & mask
	}
	for next := (hole + 1) & mask; g.index[next] != 0; next = (next + 1) & mask {
		home := uint32(g.index[next]>>32) & mask
		if (next-home)&mask >= (next-hole)&mask {
			g.index[hole] = g.index[next]
			hole = next
		}
	}
	g.index[hole] = 0
	g.entries[pos] = entry[K, V]{}
	g.free = append(g.free, uint32(pos))
}
