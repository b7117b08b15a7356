package dataflow

import (
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// clock is event time or processing time as one step sees it: the timers and
// the state that is to expire.
type clock struct {
	timers   timers
	handled  bool // the processor has a method for the timers
	expiries []expirer
}

// expirer is state with a time to live.
type expirer interface {
	// next is the earliest time at which something may expire.
	next() operator.Timestamp
	// expire removes what has expired at the time now.
	expire(now operator.Timestamp)
}

func (c *clock) expire(now operator.Timestamp) {
	for _, e := range c.expiries {
		if e.next() <= now {
			e.expire(now)
		}
	}
}

// next is when there is something to do.
func (c *clock) next() operator.Timestamp {
	at := c.timers.next()
	for _, e := range c.expiries {
		at = min(at, e.next())
	}
	return at
}

// timer is one entry of the queue that is derived from the table of timers.
type timer struct {
	at   operator.Timestamp
	seq  uint64 // order of setting
	key  string
	hash uint64 // of the key
}

func (a timer) before(b timer) bool {
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.seq != b.seq:
		return a.seq < b.seq
	}
	return a.key < b.key
}

// timers are the timers of one clock: a table of key and time to the order of
// setting, and a queue in which entries may be out of date.
type timers struct {
	table state.Keyed[part[operator.Timestamp], uint64]
	queue queue[timer]
	aside []timer
	seq   uint64 // of the next timer
}

func (t *timers) open(s *scope, b *state.Backend, name string) (err error) {
	t.table, err = openParts[operator.Timestamp, uint64](s, b, name, hashTimestamp, nil)
	if err == nil {
		t.rebuild(s)
	}
	return err
}

func hashTimestamp(t operator.Timestamp) uint64 { return uint64(t) }

// rebuild derives the queue from the table.
func (t *timers) rebuild(s *scope) {
	t.queue.items = t.queue.items[:0]
	t.table.Range(func(p part[operator.Timestamp], seq *uint64) bool {
		t.queue.items = append(t.queue.items, timer{p.sub, *seq, p.key, s.keys.hash(p.key)})
		t.seq = max(t.seq, *seq+1)
		return true
	})
	t.queue.heapify()
}

func (t *timers) set(s *scope, at operator.Timestamp) {
	p, hash := part[operator.Timestamp]{s.key, at}, state.SubHash(s.hash, uint64(at))
	if t.table.Get(p, hash) != nil {
		return
	}
	p = ownPart(p) // for the table and the queue
	seq, _ := t.table.Update(p, hash)
	*seq = t.seq
	t.seq++
	if len(t.queue.items) > 2*t.table.Len()+slack {
		t.rebuild(s) // mostly of deleted timers: drop them
		return
	}
	t.queue.push(timer{at, *seq, p.key, s.hash})
}

func (t *timers) delete(s *scope, at operator.Timestamp) {
	t.table.Delete(part[operator.Timestamp]{s.key, at}, state.SubHash(s.hash, uint64(at)))
}

// live reports whether the table knows a timer of the queue.
func (t *timers) live(x timer) bool {
	seq := t.table.Get(part[operator.Timestamp]{x.key, x.at}, state.SubHash(x.hash, uint64(x.at)))
	return seq != nil && *seq == x.seq
}

// next is the time of the earliest timer. It drops entries of the queue that
// are out of date on the way.
func (t *timers) next() operator.Timestamp {
	for len(t.queue.items) > 0 {
		if t.live(t.queue.items[0]) {
			return t.queue.items[0].at
		}
		t.queue.pop()
	}
	return operator.MaxTimestamp
}

// take removes and returns the earliest timer that is due, of those set
// before number seq. It puts others that are due aside until release.
func (t *timers) take(upto operator.Timestamp, seq uint64) (timer, bool) {
	for len(t.queue.items) > 0 && t.queue.items[0].at <= upto {
		first := t.queue.pop()
		switch {
		case !t.live(first):
		case first.seq >= seq:
			t.aside = append(t.aside, first)
		default:
			p := part[operator.Timestamp]{first.key, first.at}
			t.table.Delete(p, state.SubHash(first.hash, uint64(first.at)))
			return first, true
		}
	}
	return timer{}, false
}

// release queues what take put aside.
func (t *timers) release() {
	for _, x := range t.aside {
		t.queue.push(x)
	}
	t.aside = t.aside[:0]
}
