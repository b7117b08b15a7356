package actors

// load is what the next capture will write and what there is, in bytes when
// encoded.
func (s *snapshots) load() (dirty, all int64) {
	for _, n := range s.task.nodes {
		if n.state != nil {
			next, size := n.state.Sizes()
			dirty, all = dirty+next, all+size
		}
	}
	return dirty, all
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
