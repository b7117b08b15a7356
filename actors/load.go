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

// copies is the time that was spent in copying entries that were about to
// change, in nanoseconds so far. It is in that of the records that changed them.
func (s *snapshots) copies() (sum int64) {
	for _, n := range s.task.nodes {
		if n.state != nil {
			sum += n.state.Copying()
		}
	}
	return sum
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
