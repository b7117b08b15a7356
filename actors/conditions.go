package actors

import (
	"sync"
	"sync/atomic"
)

// conditions are what the tasks of an attempt go by and do not decide: the
// checkpoint that is due, the memory in use, the time in which the process was
// writing a checkpoint.
type conditions struct {
	next     atomic.Int64 // when a checkpoint will begin, monotonic; never if below 0
	interval atomic.Int64 // nanoseconds between checkpoints; 0 for none
	injected atomic.Uint64
	memory   atomic.Int64 // of the process, in bytes
	// processors is the part of their time that the processors which the process
	// may use worked for it, in the last control period: bits of a float64.
	processors atomic.Uint64
	compacts   atomic.Bool // the store is rewriting what it holds
	writing    stopwatch
}

// stopwatch adds up the time in which at least one of several is at work.
type stopwatch struct {
	mu    sync.Mutex
	at    int // work
	since int64
	total int64
}

func (w *stopwatch) begin(now int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at++; w.at == 1 {
		w.since = now
	}
}

func (w *stopwatch) end(now int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at--; w.at == 0 {
		w.total += now - w.since
	}
}

// read is the time so far, in nanoseconds.
func (w *stopwatch) read(now int64) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at > 0 {
		return w.total + now - w.since
	}
	return w.total
}

// onset is when a goroutine began what others ask about.
type onset struct{ at atomic.Int64 }

func (o *onset) begin(now int64) { o.at.Store(now + 1) }

func (o *onset) end() { o.at.Store(0) }

// since is when it began, if it goes on.
func (o *onset) since() (at int64, on bool) {
	at = o.at.Load()
	return at - 1, at != 0
}
