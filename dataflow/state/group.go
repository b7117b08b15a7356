package state

// DefaultGroups is the number of key groups of a flow unless it says
// otherwise. It bounds the parallelism of keyed steps.
const DefaultGroups = 128

// GroupOf is the key group, below groups, of a key with the given hash. It
// uses the hash's high 32 bits only; tables use the low ones.
func GroupOf(hash, groups uint64) int {
	return int(hash >> 32 * groups >> 32)
}

// SubHash derives the hash of a part of a key's state, such as one window of
// it, that stays in the key's group.
func SubHash(hash, part uint64) uint64 {
	x := (hash ^ part) * 0x9e3779b97f4a7c15
	x ^= x >> 32
	return hash&^0xffffffff | x&0xffffffff
}

// A Range is the half-open range [From, To) of key groups.
type Range struct{ From, To int }

// Len is the number of groups in the range.
func (r Range) Len() int { return r.To - r.From }

// Has reports whether group g is in the range.
func (r Range) Has(g int) bool { return g >= r.From && g < r.To }

// RangeOf is the range that a subtask owns when groups are dealt to
// parallelism subtasks as evenly as they go.
func RangeOf(subtask, parallelism, groups int) Range {
	return Range{subtask * groups / parallelism, (subtask + 1) * groups / parallelism}
}

// Route maps every key group to the subtask that owns it.
func Route(parallelism, groups int) []uint16 {
	route := make([]uint16, groups)
	for s := range parallelism {
		r := RangeOf(s, parallelism, groups)
		for g := r.From; g < r.To; g++ {
			route[g] = uint16(s)
		}
	}
	return route
}
