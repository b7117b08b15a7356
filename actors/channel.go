package actors

import (
	"math"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
)

// channel carries items from one upstream subtask to one downstream subtask
// and counts the credit between them. The upstream task takes credit, the
// downstream task gives it back once it has processed a batch. Batches and
// bytes in flight never exceed the window by more than one batch.
type channel struct {
	index int        // among the receiver's channels
	port  int        // input port of the receiver's head
	to    *actor.PID // the receiver
	task  int        // its number

	batches atomic.Int64 // credit left; below zero only while a window shrinks
	bytes   atomic.Int64
	marks   atomic.Int64 // watermarks sent and not yet processed
	waiting atomic.Bool
	wake    chan struct{} // one token: credit came back while the sender waited
	dry     atomic.Bool   // the sender found no credit since the receiver last asked

	window  governor.Window // receiver's side: as last granted
	granted atomic.Int64    // window.Batches, for observers
	space   atomic.Int64    // window.Bytes, for observers
	rate    atomic.Uint64   // as granted, records a second, bits of a float64
	limit   atomic.Int64    // the most records of a batch, as granted

	sent  int64 // records; sender's side
	taken taken // receiver's side
}

// taken is what a receiver has processed of a channel.
type taken struct{ records, batches, bytes int64 }

func newChannel(index, port int, w governor.Window) *channel {
	c := &channel{index: index, port: port, wake: make(chan struct{}, 1), window: w}
	c.batches.Store(int64(w.Batches))
	c.bytes.Store(int64(w.Bytes))
	c.granted.Store(int64(w.Batches))
	c.space.Store(int64(w.Bytes))
	c.limit.Store(operator.BatchSize)
	return c
}

// tryTake takes credit for one batch, if there is any. Sender's side. A batch
// may be larger than the bytes left, so that no record is too large to travel.
func (c *channel) tryTake(bytes int) bool {
	if c.batches.Load() <= 0 || c.bytes.Load() <= 0 {
		return false
	}
	c.batches.Add(-1)
	c.bytes.Add(-int64(bytes))
	return true
}

// park announces that the sender is about to wait and reports whether it
// still must: credit may have come back in between.
func (c *channel) park() bool {
	c.waiting.Store(true)
	if c.batches.Load() > 0 && c.bytes.Load() > 0 {
		c.waiting.Store(false)
		return false
	}
	return true
}

// maxMarks bounds the watermarks in flight on a channel. They take no credit,
// since they must pass when there is none; but only the latest of them counts,
// so a sender far ahead of its receiver keeps the others to itself.
const maxMarks = 16

// give returns the credit of a processed batch. Receiver's side.
func (c *channel) give(bytes int) { c.add(1, int64(bytes)) }

// add returns credit and wakes a waiting sender once three quarters of the
// window are back: it then fills many batches each time it runs, and the
// receiver still has some to work on until it does.
func (c *channel) add(batches, bytes int64) {
	n, size := c.batches.Add(batches), c.bytes.Add(bytes)
	out, full := int64(c.window.Batches)-n, int64(c.window.Batches)
	enough := out <= max(1, full/4) && 4*size >= 3*int64(c.window.Bytes)
	if enough && c.waiting.Load() && c.waiting.CompareAndSwap(true, false) {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// resize grants another window. Receiver's side. Credit already sent is not
// taken back: a smaller window takes effect as batches are processed.
func (c *channel) resize(w governor.Window) {
	if w == c.window {
		return
	}
	c.space.Store(int64(min(w.Bytes, c.window.Bytes))) // what is in flight must not seem more
	c.add(int64(w.Batches-c.window.Batches), int64(w.Bytes-c.window.Bytes))
	c.window = w
	c.granted.Store(int64(w.Batches))
	c.space.Store(int64(w.Bytes))
}

// grant tells the sender what it may count on. Receiver's side. A limit of 0
// is the largest there is.
func (c *channel) grant(g governor.Grant, limit int) {
	w := g.Window
	w.Batches, w.Bytes = max(w.Batches, 1), max(w.Bytes, 1) // no channel starves, whatever a policy says
	c.resize(w)
	c.rate.Store(math.Float64bits(g.Rate))
	if limit <= 0 || limit > operator.BatchSize {
		limit = operator.BatchSize
	}
	c.limit.Store(int64(limit))
}

// most is the records that the sender may put into a batch.
func (c *channel) most() int { return int(c.limit.Load()) }

// held is the credit the sender has left, in batches and bytes.
func (c *channel) held() (batches, bytes int64) { return c.batches.Load(), c.bytes.Load() }
