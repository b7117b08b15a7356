package actors

import "runtime"

// worker runs one actor on one goroutine of its own. The actor library would
// start a goroutine whenever a message finds the actor idle; a batch runs
// through a deep chain of calls, and growing a fresh stack for it each time
// cost a tenth of the processor.
type worker struct {
	work chan func()
	done <-chan struct{} // closed when the attempt is over
}

func newWorker(done <-chan struct{}) *worker {
	return &worker{work: make(chan func(), 1), done: done}
}

// Schedule hands the mailbox's loop to the goroutine. The library schedules a
// mailbox again only after its loop has ended, so this does not block.
func (w *worker) Schedule(f func()) {
	select {
	case w.work <- f:
	case <-w.done:
	}
}

// Throughput is the number of messages after which the mailbox's loop yields.
func (w *worker) Throughput() int { return 300 }

// yield lets another goroutine have the processor if one waits for it.
func yield() { runtime.Gosched() }

// run is the goroutine.
func (w *worker) run() {
	for {
		select {
		case f := <-w.work:
			f()
		case <-w.done:
			return
		}
	}
}
