package actors

import (
	"sync"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Messages to a task. All but the first four come from the job.
type (
	// delivery is what travels on a channel, in order: a batch that has taken
	// credit, or one of the free items.
	delivery struct {
		channel int
		batch   operator.Batch // nil for a free item
		bytes   int            // of credit taken
		mark    mark
	}
	// fetched is what a reader has read of a split.
	fetched struct {
		split  *openSplit
		batch  operator.Batch
		offset []byte
		err    error // io.EOF at the end
	}
	// encode asks the task to write the next slice of a capture.
	encode struct{ checkpoint uint64 }
	// persisted ends a task's part of a checkpoint, beside the task.
	persisted struct {
		checkpoint uint64
		result     persistResult
		err        error
		at         int64 // when it ended, monotonic
	}

	start  struct{}
	assign struct{ splits []assigned } // splits to read from now on
	inject struct {
		checkpoint uint64
		final      bool
		extent     extent
	}
	published struct{ checkpoint uint64 }
	aborted   struct{ checkpoint uint64 }
	tick      struct{ now operator.Timestamp }
	control   struct{} // a control period has passed
	release   struct { // a micro-batch may be read
		batch      uint64
		records    int64
		checkpoint bool // comes before it is over
	}
)

// mark is an item that travels with the records but needs no credit.
type mark struct {
	kind       markKind
	at         operator.Timestamp // watermark, also of a channel that falls idle
	checkpoint uint64             // or micro-batch
	extent     extent             // of a barrier
}

// extent is how much of the state a checkpoint captures.
type extent uint8

const (
	newState extent = iota // what has changed
	allState               // everything: a savepoint stands for itself
	noState                // nothing: the input has ended, so no one will read it
)

type markKind uint8

const (
	noMark markKind = iota
	watermarkMark
	idleMark
	barrierMark
	endMark
	batchMark // the end of a micro-batch
)

// Messages from tasks to the job.
type (
	ended  struct{ task int }
	failed struct {
		err     *TaskError
		opening bool // the task had not opened its state and sinks
	}
	committed struct {
		task       int
		checkpoint uint64
	}
	acked struct {
		task       int
		checkpoint uint64
		snapshot   taskSnapshot
		// dirty and state are what the capture found, in bytes when encoded: what had
		// changed, and all.
		dirty, state int64
	}
	batchRead struct {
		batch   uint64
		records int64
	}
	batchPassed struct{ batch uint64 }
	declined    struct {
		task       int
		checkpoint uint64
		err        error
	}
)

// envelopes are deliveries that have been opened and can be sent again.
var envelopes = sync.Pool{New: func() any { return new(delivery) }}

// parcel wraps a batch for a channel.
func parcel(channel int, b operator.Batch, bytes int) *delivery {
	d := envelopes.Get().(*delivery)
	*d = delivery{channel: channel, batch: b, bytes: bytes}
	return d
}

// notice wraps a free item for a channel.
func notice(channel int, m mark) *delivery {
	d := envelopes.Get().(*delivery)
	*d = delivery{channel: channel, mark: m}
	return d
}

// open returns the content and gives the envelope back.
func (d *delivery) open() delivery {
	content := *d
	*d = delivery{}
	envelopes.Put(d)
	return content
}
