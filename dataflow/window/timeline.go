package window

import (
	"cmp"
	"slices"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// A timeline cuts time into panes, one a slide, and knows which keys have
// records in which, so that a window's end costs only the keys with something
// in the window. It is derived from the state and rebuilt at a restore. X is
// what the operator keeps for each key.
//
// A pane's life: it is made by its first record; it is entered when its first
// window fires; it expires when its last window takes no more records.
type timeline[K comparable, X any] struct {
	spec     Spec
	keeper   keeper[K, X]
	fired    operator.Timestamp // the last window end that has passed
	members  map[K]*member[K, X]
	panes    map[operator.Timestamp]*pane[K, X] // by start
	entering heap[entry[K, X]]
	leaving  heap[*pane[K, X]]
	active   []*member[K, X] // those with something in the current window
	sorted   int             // how many of them, from the first, are in their order
	scratch  []*member[K, X]
	order    uint64
}

// keeper is the operator behind a timeline.
type keeper[K comparable, X any] interface {
	// enter adds a pane of m to the current window.
	enter(m *member[K, X], start operator.Timestamp)
	// fire emits the window [start, end) of m.
	fire(m *member[K, X], start, end operator.Timestamp, out operator.Outbox) error
	// expire deletes a pane of m from the state.
	expire(m *member[K, X], start operator.Timestamp)
	// ahead may fetch what the next calls will need of their members: of enter
	// and expire the pane that starts at start, of fire the window that does.
	ahead(ms []*member[K, X], call call, start operator.Timestamp)
}

// call is one of a keeper's methods.
type call uint8

const (
	callEnter call = iota
	callFire
	callExpire
)

// group is how many members a keeper is told of at a time: whose entries fit into
// the nearest caches.
const group = 16

// member is one key with panes in the state.
type member[K comparable, X any] struct {
	key    K
	hash   uint64
	order  uint64               // of the keys' arrival
	panes  []operator.Timestamp // the starts of all its panes, ascending
	newest operator.Timestamp   // the start of the latest pane it has entered
	active bool
	x      X
}

// pane is one slide of time with the keys that have records in it.
type pane[K comparable, X any] struct {
	start, end, due operator.Timestamp
	entered         bool
	members         []*member[K, X]
}

func (p *pane[K, X]) when() (operator.Timestamp, uint64) { return p.due, uint64(p.start) }

// has reports whether t is in the pane.
func (p *pane[K, X]) has(t operator.Timestamp) bool {
	return p != nil && uint64(t-p.start) < uint64(p.end-p.start)
}

// entry is a pane that waits for its first window to fire.
type entry[K comparable, X any] struct{ *pane[K, X] }

func (e entry[K, X]) when() (operator.Timestamp, uint64) { return e.end, uint64(e.start) }

func newTimeline[K comparable, X any](spec Spec, k keeper[K, X]) timeline[K, X] {
	return timeline[K, X]{
		spec: spec, keeper: k, fired: operator.MinTimestamp,
		members: map[K]*member[K, X]{}, panes: map[operator.Timestamp]*pane[K, X]{},
	}
}

// begin sets the watermark of a restored operator.
func (l *timeline[K, X]) begin(watermark operator.Timestamp) { l.fired = l.bound(watermark) }

// bound is the last window end that a watermark has passed.
func (l *timeline[K, X]) bound(watermark operator.Timestamp) operator.Timestamp {
	if watermark == operator.MinTimestamp || watermark == operator.MaxTimestamp {
		return watermark
	}
	return l.spec.start(watermark)
}

// member returns the member for a key, made if there is none.
func (l *timeline[K, X]) member(key K, hash uint64) *member[K, X] {
	m := l.members[key]
	if m == nil {
		m = &member[K, X]{key: key, hash: hash, order: l.order, newest: operator.MinTimestamp}
		l.order++
		l.members[key] = m
	}
	return m
}

// pane returns the pane that starts at start, made if there is none.
func (l *timeline[K, X]) pane(start operator.Timestamp) *pane[K, X] {
	p := l.panes[start]
	if p == nil {
		p = &pane[K, X]{start: start, end: l.spec.paneEnd(start)}
		p.due = l.spec.lastEnd(start).Add(l.spec.Lateness)
		l.panes[start] = p
		l.leaving.push(p)
		if p.entered = p.end <= l.fired; !p.entered {
			l.entering.push(entry[K, X]{p})
		}
	}
	return p
}

// add notes that m has its first record in p.
func (l *timeline[K, X]) add(m *member[K, X], p *pane[K, X]) {
	p.members = append(p.members, m)
	at, _ := slices.BinarySearch(m.panes, p.start)
	m.panes = slices.Insert(m.panes, at, p.start)
	if p.entered {
		l.enter(m, p.start)
	}
}

// enter makes a pane of m part of the current window, unless that has passed
// it: then it is only kept for the late records of earlier windows.
func (l *timeline[K, X]) enter(m *member[K, X], start operator.Timestamp) {
	if l.spec.lastEnd(start) <= l.fired {
		return
	}
	m.newest = max(m.newest, start)
	if !m.active {
		m.active = true
		l.active = append(l.active, m)
	}
	l.keeper.enter(m, start)
}

// advance fires all windows that end by the watermark and then lets go of the
// panes that no window needs any more.
func (l *timeline[K, X]) advance(watermark operator.Timestamp, out operator.Outbox) error {
	for l.fired < operator.MaxTimestamp {
		end, ok := l.next()
		if !ok || end > watermark {
			break
		}
		if err := l.fire(end, out); err != nil {
			return err
		}
	}
	l.fired = max(l.fired, l.bound(watermark))
	for l.leaving.due(watermark) {
		l.expire(l.leaving.pop())
	}
	return nil
}

// next is the end of the next window with something in it.
func (l *timeline[K, X]) next() (operator.Timestamp, bool) {
	switch {
	case len(l.active) > 0:
		return l.spec.paneEnd(l.fired), true
	case len(l.entering) > 0:
		return l.entering[0].end, true
	}
	return 0, false
}

// fire lets every key with something in the window that ends at end emit it,
// in the order in which the keys have come, and retires those that will have
// nothing in the next.
func (l *timeline[K, X]) fire(end operator.Timestamp, out operator.Outbox) error {
	for l.entering.due(end) {
		p := l.entering.pop()
		p.entered = true
		for i, m := range p.members {
			l.ahead(p.members, i, callEnter, p.start)
			l.enter(m, p.start)
		}
	}
	l.fired = end
	l.sort()
	kept, start := 0, l.spec.windowStart(end)
	for i, m := range l.active {
		l.ahead(l.active, i, callFire, start)
		if err := l.keeper.fire(m, start, end, out); err != nil {
			return err
		}
		if m.active = l.spec.lastEnd(m.newest) > end; m.active {
			l.active[kept] = m
			kept++
		}
	}
	clear(l.active[kept:])
	l.active, l.sorted = l.active[:kept], kept
	return nil
}

// sort merges those that have become active into the order in which the keys
// have come. They are nearly in that order themselves, and mostly later than
// all others.
func (l *timeline[K, X]) sort() {
	byOrder := func(a, b *member[K, X]) int { return cmp.Compare(a.order, b.order) }
	i, come := l.sorted-1, l.active[l.sorted:]
	if !slices.IsSortedFunc(come, byOrder) {
		slices.SortFunc(come, byOrder)
	}
	l.sorted = len(l.active)
	if i < 0 || len(come) == 0 || l.active[i].order < come[0].order {
		return
	}
	late, _ := slices.BinarySearchFunc(come, l.active[i], byOrder)
	l.scratch = append(l.scratch[:0], come[:late]...)
	for j, to := late-1, i+late; j >= 0; to-- {
		if i >= 0 && l.active[i].order > l.scratch[j].order {
			l.active[to] = l.active[i]
			i--
		} else {
			l.active[to] = l.scratch[j]
			j--
		}
	}
	clear(l.scratch)
}

// ahead tells the keeper of the next members whenever it has done with a group, and
// fetches those after them. At a window's end all keys have their turn, in the order
// in which they came: what is kept of them is all over the memory.
func (l *timeline[K, X]) ahead(ms []*member[K, X], i int, call call, start operator.Timestamp) {
	if i%group != 0 {
		return
	}
	l.keeper.ahead(ms[i:min(i+group, len(ms))], call, start)
}

func (l *timeline[K, X]) expire(p *pane[K, X]) {
	delete(l.panes, p.start)
	for i, m := range p.members {
		l.ahead(p.members, i, callExpire, p.start)
		l.keeper.expire(m, p.start)
		if m.panes[0] == p.start {
			m.panes = m.panes[1:]
		} else if at, ok := slices.BinarySearch(m.panes, p.start); ok {
			m.panes = slices.Delete(m.panes, at, at+1)
		}
		if len(m.panes) == 0 {
			delete(l.members, m.key)
		}
	}
}

// within lists the panes of m in the window [start, end), ascending.
func (m *member[K, X]) within(start, end operator.Timestamp) []operator.Timestamp {
	from, _ := slices.BinarySearch(m.panes, start)
	to, _ := slices.BinarySearch(m.panes, end)
	return m.panes[from:to]
}

// again calls f for every window that has fired, holds the pane that starts
// at start and still takes records, in order.
func (l *timeline[K, X]) again(
	start, watermark operator.Timestamp, f func(start, end operator.Timestamp) error,
) error {
	open := l.spec.paneEnd(l.spec.start(watermark.Add(-l.spec.Lateness)))
	end, last := max(open, l.spec.paneEnd(start)), min(l.spec.lastEnd(start), l.fired)
	for end <= last {
		if err := f(l.spec.windowStart(end), end); err != nil {
			return err
		}
		next := l.spec.paneEnd(end)
		if next <= end {
			return nil
		}
		end = next
	}
	return nil
}
