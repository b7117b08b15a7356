package state

// meanSize is the size of encoded entries of a kind, from those that were
// encoded.
type meanSize struct{ entries, bytes float64 }

// remembered is how many entries count: of more, all weigh half. They are many,
// as sizes come and go with the phases of the data: the last capture's are as
// likely to mislead.
const remembered = 1 << 20

func (m *meanSize) add(entries, bytes int) {
	if m.entries > remembered {
		m.entries, m.bytes = m.entries/2, m.bytes/2
	}
	m.entries += float64(entries)
	m.bytes += float64(bytes)
}

// one is the mean, or a guess as long as nothing is known.
func (m *meanSize) one(guess float64) float64 {
	if m.entries == 0 {
		return guess
	}
	return m.bytes / m.entries
}

const (
	// firstPut is a guess, in bytes, for as long as there has been no block. Of a
	// first capture entries that are about to change may open all groups' blocks
	// before any is full.
	firstPut  = 128
	firstTomb = 16
)

// sizes are about how many bytes the next capture will take and how many there
// are.
func (m *memory[K, V]) sizes() (next, all int64) {
	size := m.puts.one(firstPut)
	puts, deletions := 0, 0
	for i := range m.groups {
		g := &m.groups[i]
		if !m.older && !g.touched(m.b.epoch) {
			continue
		}
		p := m.next(i, m.b.seq+1, m.older)
		if p.replaces == All {
			puts += g.size
			continue
		}
		again := 0
		for _, r := range g.runs[len(g.runs)-p.replaces:] {
			again += r.puts - r.outdated
		}
		puts += min(len(g.dirty)+again, g.size)
		deletions += len(g.tombs) - g.newTombs(p.since)
	}
	next = int64(float64(puts)*size + float64(deletions)*m.tombs.one(firstTomb))
	return next, int64(float64(m.n) * size)
}
