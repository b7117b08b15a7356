package actors

// meanSize is the size of encoded entries, from those that were encoded.
type meanSize struct{ entries, bytes float64 }

const (
	// unknownSize is assumed of entries of which none has been encoded.
	unknownSize = 64
	// remembered is how many entries count: of more, all weigh half.
	remembered = 1 << 20
)

func (m *meanSize) add(entries, bytes int) {
	if m.entries > remembered {
		m.entries, m.bytes = m.entries/2, m.bytes/2
	}
	m.entries += float64(entries)
	m.bytes += float64(bytes)
}

func (m *meanSize) of(entries int) int64 {
	if m.entries == 0 {
		return int64(entries) * unknownSize
	}
	return int64(float64(entries) * m.bytes / m.entries)
}

// load is what the next capture will write and what there is, in bytes when
// encoded: of all, entries times the mean size of one.
func (s *snapshots) load() (dirty, all int64) {
	entries := 0
	for _, n := range s.task.nodes {
		if n.state != nil {
			dirty += n.state.Changed()
			entries += n.state.Entries()
		}
	}
	return dirty, s.size.of(entries)
}

// encoding is what captures have had the task encode, and in what time.
type encoding struct {
	copied, sliced int64   // entries so far, as by [state.Backend.Encoded]
	one            float64 // nanoseconds of a sliced entry, on average, lately
}

// blend is what a new measurement of an entry's encoding counts.
const blend = 0.2

// copies is the time that was spent in copying entries that were about to
// change, in nanoseconds so far. It is not measured, as a clock would cost as
// much; entries that are sliced are, and cost the same.
func (s *snapshots) copies() int64 {
	copied := int64(0)
	for _, n := range s.task.nodes {
		if n.state != nil {
			c, _ := n.state.Encoded()
			copied += c
		}
	}
	s.copied += int64(float64(copied-s.coded.copied) * s.coded.one)
	s.coded.copied = copied
	return s.copied
}

// sliced learns from a slice that took so many nanoseconds.
func (s *snapshots) sliced(took int64) {
	all := int64(0)
	for _, n := range s.task.nodes {
		if n.state != nil {
			_, c := n.state.Encoded()
			all += c
		}
	}
	entries := all - s.coded.sliced
	s.coded.sliced = all
	const enough = 32 // entries; of fewer the rest of the slice is too much
	if entries < enough {
		return
	}
	one := float64(took) / float64(entries)
	if s.coded.one == 0 {
		s.coded.one = one
	}
	s.coded.one += blend * (one - s.coded.one)
}

// adopt adds what a restored state consists of.
func (s *snapshots) adopt(c chains) {
	for _, runs := range c {
		for _, run := range runs {
			for _, ref := range run.refs {
				s.size.add(int(ref.Entries), int(ref.Bytes))
			}
		}
	}
	s.chains = s.chains.join(c)
}

// awaited reports whether records wait for the task.
func (t *task) awaited() bool {
	for i, c := range t.inputs {
		if batches, _ := c.held(); int(batches) < c.window.Batches && !t.aligner.Blocked(i) {
			return true
		}
	}
	return false
}

// dried is for how long, so far, no record waited for the task.
func (t *task) dried(now int64) int64 {
	if t.dryBegan == 0 {
		return t.dry
	}
	return t.dry + now - t.dryBegan
}
