package simulate

import (
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// channel carries items from one task to another and counts credit, as in
// package actors.
type channel struct {
	from, to *task
	index    int // among the receiver's channels
	window   governor.Window
	batches  int // credit left; below zero while a window shrinks
	bytes    int64
	waiting  bool // the sender waits for credit

	weight  float64 // part of the output's records that goes here
	owed    float64 // records not yet dealt, less than one
	buffer  item    // being filled
	rate    float64 // as granted
	batch   int64   // records that the receiver wants in a batch
	starved bool    // during the period

	sent                             int64 // in the period
	gotRecords, gotBatches, gotBytes int64 // in the period
}

// item is a batch or, with a checkpoint, a barrier.
type item struct {
	channel    *channel
	checkpoint uint64
	records    int64
	born       time.Duration // when the oldest record arrived
	admitted   time.Duration // when it was read
}

func (c *channel) take(bytes int64) bool {
	if c.batches <= 0 || c.bytes <= 0 {
		return false
	}
	c.batches--
	c.bytes -= bytes
	return true
}

// give returns credit and reports whether that is to wake the sender.
func (c *channel) give(batches int, bytes int64) bool {
	c.batches += batches
	c.bytes += bytes
	full := c.window.Batches
	enough := full-c.batches <= max(1, full/4) && 4*c.bytes >= 3*int64(c.window.Bytes)
	if !enough || !c.waiting {
		return false
	}
	c.waiting = false
	return true
}

func (c *channel) resize(w governor.Window) (wake bool) {
	w.Batches, w.Bytes = max(1, w.Batches), max(1, w.Bytes)
	batches, bytes := w.Batches-c.window.Batches, int64(w.Bytes-c.window.Bytes)
	c.window = w
	return c.give(batches, bytes)
}

// add puts records into the buffer.
func (c *channel) add(n int64, born, admitted time.Duration) {
	if c.buffer.records == 0 {
		c.buffer = item{channel: c, born: born, admitted: admitted}
	}
	c.buffer.records += n
	c.buffer.born = min(c.buffer.born, born)
	c.buffer.admitted = min(c.buffer.admitted, admitted)
}

// queue is items in order.
type queue struct {
	items []item
	head  int
}

func (q *queue) len() int { return len(q.items) - q.head }

func (q *queue) push(i item) { q.items = append(q.items, i) }

func (q *queue) pop() item {
	i := q.items[q.head]
	q.head++
	if q.head > 64 && 2*q.head > len(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	return i
}

// before puts items in front of the others.
func (q *queue) before(items []item) {
	if len(items) == 0 {
		return
	}
	rest := append(append([]item(nil), items...), q.items[q.head:]...)
	q.items, q.head = rest, 0
}
