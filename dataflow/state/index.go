package state

import "math/bits"

// group is one key group of a table: entries in an open-addressing hash table
// whose slots are probed eight at a time. tags holds, for each slot, a byte of
// its key's hash: a look-up compares the eight tags of a word with a few
// arithmetic operations, so that no branch is mispredicted while the cache is
// missed, and as a rule reads one entry (Swiss tables: Abseil, Go 1.24's maps).
type group[K comparable, V any] struct {
	tags    []uint64
	entries []entry[K, V] // eight for each word of tags
	number  int
	size    int // live entries
	used    int // slots that are not empty: live ones and gone ones

	dirty []uint32  // changed in the current epoch; may repeat a position
	tombs []tomb[K] // deleted since the base, oldest first

	frozen bool     // a capture is being written
	held   []uint32 // its changed positions
	cursor int      // how far its encoding has come
	plan   plan
	buf    []byte   // the block being filled
	count  int      // entries in buf, deletions among them
	buried struct { // deletions in buf
		entries, bytes int
	}
	run    run    // of the capture, so far
	opened bool   // the run has begun: tombstones are in
	runs   []run  // what a restore of the group would read
	stored uint32 // the last epoch that is in them
}

// tomb is a deletion that some stored run does not know of.
type tomb[K comparable] struct {
	key   K
	epoch uint32
}

// slots is the number of slots that are probed at once.
const slots = 8

// The tags of slots that hold no entry; the others have their high bit set.
const (
	empty = 0x00 // never used: a probe ends here
	gone  = 0x01 // deleted from a full word: a probe goes on
)

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// tagOf is a tag made of hash bits that do not pick the word.
func tagOf(frag uint32) uint64 { return uint64(frag>>25 | 0x80) }

// match marks the slots with a tag by the high bit of their byte. It may mark
// a slot wrongly above a true one, so keys are compared as well (Warren,
// Hacker's Delight, 6-1).
func match(word, tag uint64) uint64 {
	x := word ^ tag*lows
	return (x - lows) &^ x & highs
}

// first is the first slot marked in m.
func first(m uint64) int { return bits.TrailingZeros64(m) >> 3 }

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

// find returns the position of key or -1. frag is the low half of its hash.
func (g *group[K, V]) find(key K, frag uint32) int {
	if len(g.tags) == 0 {
		return -1
	}
	mask := len(g.tags) - 1
	tag := tagOf(frag)
	for at := int(frag) & mask; ; at = (at + 1) & mask {
		word := g.tags[at]
		for m := match(word, tag); m != 0; m &= m - 1 {
			if pos := at*slots + first(m); g.entries[pos].key == key {
				return pos
			}
		}
		if match(word, empty) != 0 {
			return -1
		}
	}
}

// insert adds key, which must not be there, and returns its position and
// whether other entries have moved.
func (g *group[K, V]) insert(key K, frag uint32, hash func(K) uint64) (pos int, moved bool) {
	if moved = (g.used+1)*8 > len(g.entries)*7; moved {
		g.rebuild(hash)
	}
	pos = g.place(frag)
	g.entries[pos].key = key
	g.size++
	return pos, moved
}

// place finds a slot for a key with the given hash and marks it taken.
func (g *group[K, V]) place(frag uint32) int {
	mask := len(g.tags) - 1
	for at := int(frag) & mask; ; at = (at + 1) & mask {
		word := &g.tags[at]
		m := match(*word, gone)
		if m == 0 {
			if m = match(*word, empty); m == 0 {
				continue
			}
			g.used++
		}
		slot := first(m)
		*word = *word&^(0xff<<(8*slot)) | tagOf(frag)<<(8*slot)
		return at*slots + slot
	}
}

// rebuild makes room. Hashes are computed again: keeping them would cost every
// entry bytes for the sake of a rare moment.
func (g *group[K, V]) rebuild(hash func(K) uint64) {
	words := max(1, len(g.tags))
	if (g.size+1)*8 > words*slots*5 { // mostly live, not gone
		words *= 2
	}
	old, moved := g.entries, make([]uint32, len(g.entries))
	g.tags, g.entries = make([]uint64, words), make([]entry[K, V], words*slots)
	g.used, g.cursor = 0, 0
	for i := range old {
		if e := &old[i]; e.live() {
			pos := g.place(uint32(hash(e.key)))
			g.entries[pos] = *e
			moved[i] = uint32(pos) + 1
		}
	}
	g.dirty, g.held = follow(g.dirty, moved), follow(g.held, moved)
}

// follow updates positions that have moved and drops those of gone entries.
func follow(positions, moved []uint32) []uint32 {
	kept := positions[:0]
	for _, p := range positions {
		if moved[p] != 0 {
			kept = append(kept, moved[p]-1)
		}
	}
	return kept
}

// remove deletes the entry at pos.
func (g *group[K, V]) remove(pos int) {
	word, shift := &g.tags[pos/slots], 8*(pos%slots)
	if match(*word, empty) != 0 {
		*word &^= 0xff << shift // no probe went past a word with room
		g.used--
	} else {
		*word = *word&^(0xff<<shift) | gone<<shift
	}
	g.entries[pos] = entry[K, V]{}
	g.size--
}
