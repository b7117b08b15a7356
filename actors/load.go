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

// load is what has changed since the last capture and what there is, in bytes
// when encoded: entries times the mean size of one.
func (s *snapshots) load() (dirty, all int64) {
	changed, entries := 0, 0
	for _, n := range s.task.nodes {
		if n.state != nil {
			changed += n.state.Changed()
			entries += n.state.Entries()
		}
	}
	return s.size.of(min(changed, entries)), s.size.of(entries)
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
