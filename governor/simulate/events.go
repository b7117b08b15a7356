package simulate

import "time"

// kind is what an event is about.
type kind uint8

const (
	worked   kind = iota // the task's present work is over
	woken                // credit is there
	arrived              // records arrive at a source
	flushed              // partial batches have waited long enough
	written              // the task's part of a checkpoint is durable
	resumed              // something that was put off may begin
	injected             // a checkpoint begins
	control              // a group of tasks decides
	sampled              // a point of the series
)

// event happens to a task, if its kind says so.
type event struct {
	at   time.Duration
	seq  uint64 // breaks ties, so that a run is the same each time
	kind kind
	task int32
	arg  uint64
}

func (e event) before(o event) bool { return e.at < o.at || e.at == o.at && e.seq < o.seq }

// agenda is the events to come: a binary heap.
type agenda struct {
	events []event
	seq    uint64
}

func (a *agenda) push(e event) {
	a.seq++
	e.seq = a.seq
	a.events = append(a.events, e)
	i := len(a.events) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !a.events[i].before(a.events[up]) {
			break
		}
		a.events[i], a.events[up] = a.events[up], a.events[i]
		i = up
	}
}

func (a *agenda) pop() event {
	first := a.events[0]
	last := len(a.events) - 1
	a.events[0] = a.events[last]
	a.events = a.events[:last]
	i := 0
	for {
		next := 2*i + 1
		if next >= last {
			return first
		}
		if next+1 < last && a.events[next+1].before(a.events[next]) {
			next++
		}
		if !a.events[next].before(a.events[i]) {
			return first
		}
		a.events[i], a.events[next] = a.events[next], a.events[i]
		i = next
	}
}
