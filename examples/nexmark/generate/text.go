package generate

import (
	"encoding/binary"
	"slices"
)

// chunkBytes is how much text shares one allocation: so much that allocating
// costs little per event, so little that an event which is kept for long keeps
// few others' text with it.
const chunkBytes = 4 << 10

// A text collects the strings of several events, to allocate them at once.
// Strings that are kept get their value with the next flush.
type text struct {
	buf  []byte
	cuts []cut
}

// A cut says that a string is buf[from:end].
type cut struct {
	to        *string
	from, end int
}

// keep makes what was appended since from the value of a string, which must
// stay where it is until the text is flushed.
func (t *text) keep(to *string, from int) {
	t.cuts = append(t.cuts, cut{to, from, len(t.buf)})
}

// flush allocates what was collected.
func (t *text) flush() {
	all := string(t.buf)
	for _, c := range t.cuts {
		*c.to = all[c.from:c.end]
	}
	clear(t.cuts)
	t.buf, t.cuts = t.buf[:0], t.cuts[:0]
}

// minWord is the shortest word before it is trimmed.
const minWord = 3

// word appends a string of fewer than limit letters, one in 13 of them a
// space, without spaces at its ends: Beam's nextString.
func (t *text) word(r *random, limit int32, space byte) {
	start, n := len(t.buf), int(minWord+r.intn(limit-minWord))
	end := start
	b := slices.Grow(t.buf, n)[:start+n]
	for range n {
		c := space
		if r.below(13) > 0 {
			c = byte('a' + r.below(26))
		}
		b[end] = c
		if c != ' ' || end > start {
			end++
		}
	}
	for end > start && b[end-1] == ' ' {
		end--
	}
	t.buf = b[:end]
}

// extra appends a string that brings an event of the given size to the average
// size, give or take a fifth of what is missing: Beam's nextExtra.
func (t *text) extra(r *random, size, average int) {
	if size > average {
		return
	}
	missing := average - size
	delta := int(float64(missing)*0.2 + 0.5)
	n := missing - delta
	if delta > 0 {
		n += int(r.intn(int32(2 * delta)))
	}
	t.exact(r, n)
}

const (
	sixLetters   = 26 * 26 * 26 * 26 * 26 * 26
	threeLetters = 26 * 26 * 26
	low          = 1 | 1<<32 // 1 in both halves of a word
	everyA       = 'a' * (1<<48 - 1) / 255
)

// exact appends n characters: Beam's nextExactString, which writes a random
// number to the base of 26, its lowest digit first, and takes six of its
// digits. Java's remainders of negative numbers are negative, so that half of
// the characters lie in H to a.
func (t *text) exact(r *random, n int) {
	from := len(t.buf)
	t.buf = slices.Grow(t.buf, n+8)
	own := *r // in a register
	for b := t.buf[from : from+n+8]; len(b) > 8; b = b[min(6, len(b)-8):] {
		own = own.next()
		v := int32(own.state >> 16)
		minus := v >> 31 // its sign, without a branch that half of the time goes wrong
		digits := base26(uint32((v ^ minus) - minus))
		digits = (digits ^ uint64(int64(minus))) - uint64(int64(minus))
		binary.LittleEndian.PutUint64(b, everyA+digits)
	}
	*r = own
	t.buf = t.buf[:from+n]
}

// base26 returns the lowest six digits of v, one a byte, the lowest first. It
// works on both halves of the number at once: a product with the reciprocal
// of 26 or 676, rounded up, is exact for numbers as small as these.
func base26(v uint32) uint64 {
	v %= sixLetters
	x := uint64(v%threeLetters) | uint64(v/threeLetters)<<32
	third := x * 24819 >> 24 & (127 * low) // x / 676
	x -= third * 676
	second := x * 2521 >> 16 & (127 * low) // x / 26
	first := x - second*26
	x = first | second<<8 | third<<16
	return x&0xffffff | x>>32<<24
}
