package state

import (
	"sort"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// The format of a block: a version byte, then entries, each a kind byte
// followed by the key and, for a put, the value, in their codecs' encodings.
const (
	blockVersion = 1
	kindPut      = 'P'
	kindDelete   = 'D'
)

// capture freezes every group: the changed positions move aside, no entry is
// looked at.
func (m *memory[K, V]) capture(full bool) {
	full = full || m.older
	for i := range m.groups {
		g := &m.groups[i]
		g.plan = m.next(i, m.b.seq, full)
		g.frozen = full || g.touched(m.b.epoch)
		g.held, g.dirty = g.dirty, g.held[:0]
		g.cursor, g.run, g.opened = 0, run{}, false
	}
}

// next is the plan of a group's capture number seq, were it taken now.
func (m *memory[K, V]) next(group int, seq uint32, full bool) plan {
	g := &m.groups[group]
	live := int(float64(g.size) * m.puts.one(firstPut))
	p := choose(g.runs, m.b.epoch, (uint32(group)+seq)%fanIn == 0, live)
	if full || len(g.tombs) > g.size+1024 {
		p.since, p.replaces, p.tier = 0, All, 0
	}
	return p
}

// touched reports whether anything has changed in the current epoch.
func (g *group[K, V]) touched(epoch uint32) bool {
	return len(g.dirty) > 0 || g.newTombs(epoch-1) < len(g.tombs)
}

// newTombs is the index of the first tombstone after an epoch.
func (g *group[K, V]) newTombs(epoch uint32) int {
	return sort.Search(len(g.tombs), func(i int) bool { return g.tombs[i].epoch > epoch })
}

// pending reports whether the capture has yet to encode the entry at pos.
func (g *group[K, V]) pending(pos int) bool {
	e := &g.entries[pos]
	return e.changed > g.plan.since && e.changed <= g.plan.upto && e.live() &&
		e.savedEpoch() != g.plan.upto
}

// preserve encodes the entry at pos as the capture saw it, if the capture
// wants it and has not got to it.
func (m *memory[K, V]) preserve(g *group[K, V], pos int) {
	if g.pending(pos) {
		began := m.b.copies.start()
		m.put(g, pos)
		m.b.copies.stop(began)
	}
}

func (m *memory[K, V]) put(g *group[K, V], pos int) {
	m.begin(g)
	e := &g.entries[pos]
	g.buf = append(g.buf, kindPut)
	g.buf = m.note(m.spec.Key.Append(g.buf, &e.key))
	g.buf = m.note(m.spec.Value.Append(g.buf, &e.value))
	e.markSaved(g.plan.upto)
	m.added(g)
}

// note keeps the first encoding error for Encode to return: the tables'
// methods have none to return it by, and a checkpoint that lacks an entry
// must never be published.
func (m *memory[K, V]) note(buf []byte, err error) []byte {
	if err != nil && m.b.err == nil {
		m.b.err = encodeError{m.b.cfg.Step, m.spec.Name, err}
	}
	return buf
}

// begin opens the group's run with the deletions, which come before all puts
// because a key may have been deleted and put again.
func (m *memory[K, V]) begin(g *group[K, V]) {
	if !g.opened {
		g.opened = true
		m.bury(g)
	}
	m.room(g)
}

func (m *memory[K, V]) room(g *group[K, V]) {
	if g.buf == nil {
		g.buf = append(m.b.sink.Buffer(m.expected(g)), blockVersion)
	}
}

// expected is about how many bytes the group's next block will have, from the
// entries that the run may still take and the mean of those encoded before, of
// all groups or, where they are larger, of this run.
func (m *memory[K, V]) expected(g *group[K, V]) int {
	n := g.size
	if g.narrow() {
		n = min(n, len(g.held))
	}
	one := m.puts.one(firstPut)
	if g.run.puts > 0 {
		one = max(one, float64(g.run.bytes)/float64(g.run.puts))
	}
	return min(int(float64(n-g.run.puts)*one), BlockBytes)
}

// bury writes the deletions that the plan's run must know of. A base needs
// none: what it does not put is not there.
func (m *memory[K, V]) bury(g *group[K, V]) {
	if g.plan.replaces == All {
		return
	}
	for i := g.newTombs(g.plan.since); i < len(g.tombs); i++ {
		if t := &g.tombs[i]; t.epoch <= g.plan.upto {
			m.room(g)
			was := len(g.buf)
			g.buf = append(g.buf, kindDelete)
			g.buf = m.note(m.spec.Key.Append(g.buf, &t.key))
			g.buried.entries++
			g.buried.bytes += len(g.buf) - was
			m.added(g)
		}
	}
}

func (m *memory[K, V]) added(g *group[K, V]) {
	if g.count++; len(g.buf) >= BlockBytes {
		m.flush(g)
	}
}

func (m *memory[K, V]) flush(g *group[K, V]) {
	if g.buf == nil || g.count == 0 && g.plan.replaces == 0 {
		g.buf = nil
		return
	}
	g.run.bytes += len(g.buf)
	g.run.puts += g.count - g.buried.entries
	m.tombs.add(g.buried.entries, g.buried.bytes)
	m.puts.add(g.count-g.buried.entries, len(g.buf)-g.buried.bytes)
	m.b.sink.Block(Block{
		State: m.spec.Name, Group: g.number, Replaces: g.plan.replaces,
		Entries: g.count, Data: g.buf,
	})
	g.buf, g.count = nil, 0
	g.buried.entries, g.buried.bytes = 0, 0
}

// encode writes frozen entries of group after group.
func (m *memory[K, V]) encode(budget int) (int, bool, error) {
	spent := 0
	for i := range m.groups {
		g := &m.groups[i]
		if !g.frozen {
			continue
		}
		spent += m.encodeGroup(g, budget-spent)
		if m.b.err != nil || spent >= budget {
			return spent, false, m.b.err
		}
	}
	return spent, true, nil
}

// encodeGroup writes up to budget entries of g and thaws it when that is all.
// A plain delta walks the positions that changed, unless they are many, and
// anything wider all entries.
func (m *memory[K, V]) encodeGroup(g *group[K, V], budget int) int {
	spent := 0
	m.begin(g)
	narrow := g.narrow()
	end := len(g.entries)
	if narrow {
		end = len(g.held)
	}
	for i := g.cursor - farAhead; i < g.cursor; i++ {
		m.warm(g, i, end, narrow)
	}
	for ; g.cursor < end && spent < budget; g.cursor++ {
		m.warm(g, g.cursor, end, narrow)
		if pos := g.at(g.cursor, narrow); g.pending(pos) {
			m.put(g, pos)
			spent++
		}
	}
	if g.cursor == end {
		m.flush(g)
		g.frozen = false
	}
	m.b.sliced += int64(spent)
	return spent
}

// narrow reports whether the positions that changed lead to all that the run
// takes, in fewer steps than a walk through the group, which goes in the order
// of memory. Where entries come and go, most positions lead nowhere.
func (g *group[K, V]) narrow() bool {
	delta := g.plan.since == g.plan.upto-1 && g.plan.replaces == 0
	return delta && len(g.held) <= len(g.entries)/2
}

// at is the position of the entry that encoding comes to at its cursor.
func (g *group[K, V]) at(cursor int, narrow bool) int {
	if narrow {
		return int(g.held[cursor])
	}
	return cursor
}

// Entries are encoded long after the records that changed them have left the caches;
// fetched when their turn comes, each would wait for memory several times. So each is
// asked for some entries ahead, what it points at a few entries later, and what that
// points at later still: far enough for memory to answer, and near enough that nothing
// is gone from the nearest caches before its turn.
const (
	nearAhead = 8
	farAhead  = (codec.WarmDepth + 1) * nearAhead
)

// warm asks for what encoding comes to farAhead entries and less after the i-th, up to
// end.
func (m *memory[K, V]) warm(g *group[K, V], i, end int, narrow bool) {
	if at := i + farAhead; at < end {
		codec.Touch(&g.entries[g.at(at, narrow)])
	}
	for depth := range m.depth {
		at := i + (codec.WarmDepth-depth)*nearAhead
		if at < g.cursor || at >= end {
			continue
		}
		pos := g.at(at, narrow)
		if !g.pending(pos) {
			continue
		}
		e := &g.entries[pos]
		if m.warmKey != nil && depth == 0 {
			m.warmKey(&e.key, depth)
		}
		if m.warmValue != nil {
			m.warmValue(&e.value, depth)
		}
	}
}

// complete ends a capture that was published.
func (m *memory[K, V]) complete() {
	for i := range m.groups {
		g := &m.groups[i]
		if g.run.bytes > 0 {
			g.runs = g.plan.next(g.runs, g.run)
		}
		if g.run.bytes > 0 && g.plan.replaces == All {
			g.tombs = append(g.tombs[:0], g.tombs[g.newTombs(g.plan.upto):]...)
		}
		g.stored = g.plan.upto
		m.thaw(g)
	}
	m.older = false
}

// abort ends a capture that came to nothing.
func (m *memory[K, V]) abort() {
	for i := range m.groups {
		g := &m.groups[i]
		for _, pos := range g.held {
			e := &g.entries[pos]
			if e.live() && e.changed == g.plan.upto {
				e.changed = m.b.epoch
				g.dirty = append(g.dirty, pos)
			}
		}
		for j := g.newTombs(g.plan.upto - 1); j < len(g.tombs); j++ {
			g.tombs[j].epoch = m.b.epoch
		}
		m.thaw(g)
	}
}

func (m *memory[K, V]) thaw(g *group[K, V]) {
	g.frozen, g.held, g.run, g.plan = false, g.held[:0], run{}, plan{}
	g.buf, g.count = nil, 0
	g.buried.entries, g.buried.bytes = 0, 0
}
