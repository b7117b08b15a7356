package window

import (
	"slices"
	"sort"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// spans knows the sessions of every key. It is derived from the state and
// rebuilt at a restore. X is what the operator keeps for each session.
type spans[K comparable, X any] struct {
	spec  Spec
	byKey map[K]*sitter[K, X]
	due   heap[alarm[K, X]]
	order uint64 // of the next session
}

// sitter is one key with its sessions, which are disjoint, in order of time.
type sitter[K comparable, X any] struct {
	key   K
	hash  uint64
	spans []*span[X]
}

// span is one session: from its first to its last record and a gap beyond.
type span[X any] struct {
	start, end operator.Timestamp
	order      uint64             // of the sessions' making; its name in the state
	due        operator.Timestamp // when its valid alarm rings
	x          X
}

const noAlarm = operator.MinTimestamp

func newSpan[X any](start, end operator.Timestamp, order uint64) *span[X] {
	return &span[X]{start: start, end: end, order: order, due: noAlarm}
}

// alarm asks to look at a session at a time. It is void when the session is
// gone or has another alarm by then.
type alarm[K comparable, X any] struct {
	at operator.Timestamp
	of *sitter[K, X]
	s  *span[X]
}

func (a alarm[K, X]) when() (operator.Timestamp, uint64) { return a.at, a.s.order }

func newSpans[K comparable, X any](spec Spec) spans[K, X] {
	return spans[K, X]{spec: spec, byKey: map[K]*sitter[K, X]{}}
}

func (p *spans[K, X]) sitter(key K, hash uint64) *sitter[K, X] {
	k := p.byKey[key]
	if k == nil {
		k = &sitter[K, X]{key: key, hash: hash}
		p.byKey[key] = k
	}
	return k
}

// touching is the range of k's sessions that a record at a time belongs to or
// joins: those less than a gap away.
func (k *sitter[K, X]) touching(at, end operator.Timestamp) (from, to int) {
	from = sort.Search(len(k.spans), func(i int) bool { return k.spans[i].end > at })
	for to = from; to < len(k.spans) && k.spans[to].start < end; to++ {
	}
	return from, to
}

// place finds the session of a record at a time, extends or makes it, and
// returns it with the sessions that it has thereby swallowed, in order of
// time. It returns nil for a record that no session takes any more.
func (p *spans[K, X]) place(
	k *sitter[K, X], at, watermark operator.Timestamp,
) (s *span[X], swallowed []*span[X]) {
	end := at.Add(p.spec.Gap)
	from, to := k.touching(at, end)
	if from == to {
		if p.spec.gone(end, watermark) {
			p.leave(k)
			return nil, nil
		}
		s = newSpan[X](at, end, p.order)
		p.order++
		k.spans = slices.Insert(k.spans, from, s)
		p.watch(k, s, watermark)
		return s, nil
	}
	s = k.spans[from]
	if to-from > 1 {
		swallowed = slices.Clone(k.spans[from+1 : to])
		end = max(end, swallowed[len(swallowed)-1].end)
		k.spans = slices.Delete(k.spans, from+1, to)
	}
	s.start, s.end = min(s.start, at), max(s.end, end)
	for _, old := range swallowed {
		old.due = noAlarm
	}
	p.watch(k, s, watermark)
	return s, swallowed
}

// watch sets the session's alarm where it has none, or one that would ring
// too late. An alarm that rings early costs a look, and setting a new one for
// every record would cost more.
func (p *spans[K, X]) watch(k *sitter[K, X], s *span[X], watermark operator.Timestamp) {
	due := s.end
	if due <= watermark {
		due = s.end.Add(p.spec.Lateness)
	}
	if s.due <= watermark || s.due > due {
		s.due = due
		p.due.push(alarm[K, X]{due, k, s})
	}
}

// ring calls fire for every session that has ended after the watermark before
// and by this one, in order of their ends, and drop for those that take no
// more records, which it forgets.
func (p *spans[K, X]) ring(
	before, watermark operator.Timestamp,
	fire func(*sitter[K, X], *span[X]) error, drop func(*sitter[K, X], *span[X]),
) error {
	for p.due.due(watermark) {
		a := p.due.pop()
		if a.s.due != a.at {
			continue
		}
		if a.s.end > a.at && a.s.end <= watermark && a.s.end > before {
			p.push(a, a.s.end) // it has grown: its turn comes in order
			continue
		}
		if a.s.end > before && a.s.end <= watermark {
			if err := fire(a.of, a.s); err != nil {
				return err
			}
		}
		a.s.due = noAlarm
		if p.spec.gone(a.s.end, watermark) {
			p.remove(a.of, a.s)
			drop(a.of, a.s)
			continue
		}
		p.watch(a.of, a.s, watermark)
	}
	return nil
}

func (p *spans[K, X]) push(a alarm[K, X], at operator.Timestamp) {
	a.at, a.s.due = at, at
	p.due.push(a)
}

func (p *spans[K, X]) remove(k *sitter[K, X], s *span[X]) {
	if at := slices.Index(k.spans, s); at >= 0 {
		k.spans = slices.Delete(k.spans, at, at+1)
	}
	p.leave(k)
}

// leave forgets a key without sessions.
func (p *spans[K, X]) leave(k *sitter[K, X]) {
	if len(k.spans) == 0 {
		delete(p.byKey, k.key)
	}
}
