package dataflow

import (
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// expiry is the time to live of the entries of a table with keys Q: a second
// table, of deadlines, and a queue that is derived from it. A later deadline
// does not enter the queue; it is found when the earlier one has come.
type expiry[Q comparable] struct {
	h      *handle
	s      *scope
	table  state.Keyed[Q, operator.Timestamp]
	queue  queue[deadline[Q]]
	hashOf func(Q) uint64
	own    func(Q) Q
	remove func(q Q, hash uint64) // removes what has expired
}

type deadline[Q comparable] struct {
	at   operator.Timestamp
	q    Q
	hash uint64
}

//lint:ignore U1000 queue calls it by way of its constraint, which the linter does not see
func (a deadline[Q]) before(b deadline[Q]) bool { return a.at < b.at }

// open registers the expiry with the clock it goes by; the table is open.
func (e *expiry[Q]) open() {
	e.rebuild()
	clock := &e.s.event
	if e.h.wall {
		clock = &e.s.wall
	}
	clock.expiries = append(clock.expiries, e)
}

func (e *expiry[Q]) rebuild() {
	e.queue.items = e.queue.items[:0]
	e.table.Range(func(q Q, at *operator.Timestamp) bool {
		e.queue.items = append(e.queue.items, deadline[Q]{*at, q, e.hashOf(q)})
		return true
	})
	e.queue.heapify()
}

// present is the time of the call in progress.
func (e *expiry[Q]) present() operator.Timestamp {
	if e.h.wall {
		return e.s.now()
	}
	return e.s.present
}

// live reports whether an entry that is there has not expired. What has
// expired for a record may be there still, for records that are older.
func (e *expiry[Q]) live(q Q, hash uint64) bool {
	if e == nil {
		return true
	}
	until := e.table.Get(q, hash)
	return until == nil || *until > e.present()
}

// written puts off the expiry of an entry.
func (e *expiry[Q]) written(q Q, hash uint64) {
	if e == nil {
		return
	}
	at := e.present().Add(e.h.ttl)
	until, created := e.table.Update(q, hash)
	if !created {
		*until = max(*until, at)
		return
	}
	*until = at
	if len(e.queue.items) > 2*e.table.Len()+slack {
		e.rebuild()
		return
	}
	e.queue.push(deadline[Q]{at, e.own(q), hash})
}

// cleared forgets an entry.
func (e *expiry[Q]) cleared(q Q, hash uint64) {
	if e != nil {
		e.table.Delete(q, hash)
	}
}

func (e *expiry[Q]) next() operator.Timestamp {
	if len(e.queue.items) == 0 {
		return operator.MaxTimestamp
	}
	return e.queue.items[0].at
}

func (e *expiry[Q]) expire(now operator.Timestamp) {
	for len(e.queue.items) > 0 && e.queue.items[0].at <= now {
		first := e.queue.pop()
		until := e.table.Get(first.q, first.hash)
		switch {
		case until == nil:
		case *until > now:
			first.at = *until
			e.queue.push(first)
		default:
			e.table.Delete(first.q, first.hash)
			e.remove(first.q, first.hash)
		}
	}
}
