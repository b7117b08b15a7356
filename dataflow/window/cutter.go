package window

import (
	"cmp"
	"math"
	"slices"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// paneCutter cuts time into windows of fixed bounds for a join. A record
// is kept once, in its pane, whatever number of windows it is in.
type paneCutter[K comparable] struct {
	matcher[K]
	spec  Spec
	whole bool
	line  timeline[K, []panePile]
	last  *pane[K, []panePile] // of the record before
	all   pile                 // scratch: the piles of one window
}

// panePile is the pile of one of a key's panes.
type panePile struct {
	start operator.Timestamp
	pile
}

func newPaneCutter[K comparable](spec Spec, m matcher[K], whole bool) *paneCutter[K] {
	c := &paneCutter[K]{matcher: m, spec: spec, whole: whole}
	c.line = newTimeline(spec, keeper[K, []panePile](c))
	return c
}

func (c *paneCutter[K]) begin(watermark operator.Timestamp) { c.line.begin(watermark) }

func (c *paneCutter[K]) place(a arrival[K], watermark operator.Timestamp) bool {
	p := c.last
	if !p.has(a.at) {
		start := c.spec.start(a.at)
		if c.spec.gone(c.spec.lastEnd(start), watermark) {
			return false
		}
		p = c.line.pane(start)
		c.last = p
	}
	m := c.line.member(a.key, a.hash)
	i, found := c.find(m, p.start)
	if !found {
		if len(m.x) == 0 {
			m.order = a.number
		}
		m.x = slices.Insert(m.x, i, panePile{start: p.start})
		c.line.add(m, p)
	}
	m.x[i].pile[a.port] = append(m.x[i].pile[a.port], a.number)
	return true
}

func (c *paneCutter[K]) find(m *member[K, []panePile], start operator.Timestamp) (int, bool) {
	if n := len(m.x); n > 0 && m.x[n-1].start == start {
		return n - 1, true
	}
	return slices.BinarySearchFunc(m.x, start, func(h panePile, start operator.Timestamp) int {
		return cmp.Compare(h.start, start)
	})
}

func (c *paneCutter[K]) repeat(
	a arrival[K], watermark operator.Timestamp, out operator.Outbox,
) error {
	if !c.last.entered {
		return nil
	}
	m := c.line.member(a.key, a.hash)
	again := func(start, end operator.Timestamp) error {
		all := c.window(m, start, end)
		if !c.whole {
			all[a.port] = append(all[a.port][:0], a.number)
		}
		return c.match(m.key, m.hash, all, end, out)
	}
	return c.line.again(c.last.start, watermark, again)
}

// window collects the piles of a key's window, in order of arrival.
func (c *paneCutter[K]) window(m *member[K, []panePile], start, end operator.Timestamp) pile {
	c.all[0], c.all[1] = c.all[0][:0], c.all[1][:0]
	from, _ := c.find(m, start)
	to := from
	for ; to < len(m.x) && m.x[to].start < end; to++ {
		c.all[0] = append(c.all[0], m.x[to].pile[0]...)
		c.all[1] = append(c.all[1], m.x[to].pile[1]...)
	}
	if to-from > 1 {
		slices.Sort(c.all[0])
		slices.Sort(c.all[1])
	}
	return c.all
}

func (c *paneCutter[K]) advance(watermark operator.Timestamp, out operator.Outbox) error {
	c.last = nil
	return c.line.advance(watermark, out)
}

func (c *paneCutter[K]) enter(*member[K, []panePile], operator.Timestamp) {}

func (c *paneCutter[K]) fire(
	m *member[K, []panePile], start, end operator.Timestamp, out operator.Outbox,
) error {
	return c.match(m.key, m.hash, c.window(m, start, end), end, out)
}

// ahead fetches the records of a pane that goes, or of all panes from one on.
func (c *paneCutter[K]) ahead(ms []*member[K, []panePile], what call, start operator.Timestamp) {
	if what == callEnter {
		return
	}
	for _, m := range ms {
		from, _ := c.find(m, start)
		for _, p := range m.x[from:] {
			if what == callExpire && p.start > start {
				break
			}
			if paired := len(p.pile[0]) > 0 && len(p.pile[1]) > 0; paired || c.whole || what == callExpire {
				c.soon(m.hash, p.pile)
			}
		}
	}
	c.fetch()
}

func (c *paneCutter[K]) expire(m *member[K, []panePile], start operator.Timestamp) {
	if i, found := c.find(m, start); found {
		c.forget(m.key, m.hash, m.x[i].pile)
		m.x = slices.Delete(m.x, i, i+1)
		c.reorder(m)
	}
}

// reorder gives m the number of the first record it still has: the order in
// which a restore would find the keys.
func (c *paneCutter[K]) reorder(m *member[K, []panePile]) {
	first := uint64(math.MaxUint64)
	for _, p := range m.x {
		for _, numbers := range p.pile {
			if len(numbers) > 0 {
				first = min(first, numbers[0])
			}
		}
	}
	if len(m.x) == 0 || first == m.order {
		return
	}
	if m.order = first; m.active {
		c.line.sorted = 0
	}
}

// sessionCutter cuts time into sessions that the records of both sides make
// together.
type sessionCutter[K comparable] struct {
	matcher[K]
	spans  spans[K, pile]
	before operator.Timestamp // the watermark that sessions have been matched up to
	last   *span[pile]        // of the record before
}

func (c *sessionCutter[K]) begin(watermark operator.Timestamp) { c.before = watermark }

func (c *sessionCutter[K]) place(a arrival[K], watermark operator.Timestamp) bool {
	s, swallowed := c.spans.place(c.spans.sitter(a.key, a.hash), a.at, watermark)
	c.last = s
	if s == nil {
		return false
	}
	for side := range s.x {
		for _, old := range swallowed {
			s.x[side] = append(s.x[side], old.x[side]...)
		}
		if len(swallowed) > 0 {
			slices.Sort(s.x[side])
		}
	}
	s.x[a.port] = append(s.x[a.port], a.number)
	return true
}

func (c *sessionCutter[K]) repeat(
	a arrival[K], watermark operator.Timestamp, out operator.Outbox,
) error {
	if s := c.last; s.end <= watermark {
		return c.match(a.key, a.hash, s.x, s.end, out)
	}
	return nil
}

func (c *sessionCutter[K]) advance(watermark operator.Timestamp, out operator.Outbox) error {
	before := c.before
	c.before = watermark
	return c.spans.ring(before, watermark,
		func(k *sitter[K, pile], s *span[pile]) error {
			return c.match(k.key, k.hash, s.x, s.end, out)
		},
		func(k *sitter[K, pile], s *span[pile]) { c.forget(k.key, k.hash, s.x) })
}
