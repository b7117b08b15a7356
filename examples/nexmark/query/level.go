package query

// levels are counts by price: the first is of all, the others of prices below
// 10,000, of those below a million, and of the rest.
type levels [4]int64

// classes has a bit for each count of levels that a price is part of.
func classes(price int64) uint64 {
	switch {
	case price < 10_000:
		return 0b0011
	case price < 1_000_000:
		return 0b0101
	}
	return 0b1001
}

// plus adds one to each count that has its bit in classes.
func (l levels) plus(classes uint64) levels {
	for i := range l {
		l[i] += int64(classes >> i & 1)
	}
	return l
}
