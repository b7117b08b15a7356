package operator

import "context"

// A Split is the unit in which a source is read: a file, a range of a file, a
// partition. Its ID is its identity in checkpoints and must not change from
// run to run; Payload is the source's own and travels with it.
type Split struct {
	ID      string
	Payload []byte
}

// A Source is a place that records come from. Its methods may block on I/O
// and are called outside the tasks, one call at a time; readers of different
// splits run concurrently.
type Source interface {
	// Splits lists the splits there are now, in the order in which they are
	// to be read. It is called once for a bounded source, and again from time
	// to time for one that [Source.Grows].
	Splits(ctx context.Context) ([]Split, error)
	// Grows reports whether splits may appear while the flow runs; such a
	// source never ends.
	Grows() bool
	// Open begins to read s at offset, which an earlier reader's Offset has
	// returned, or at its start when offset is nil.
	Open(ctx context.Context, s Split, offset []byte) (Reader, error)
	// Replayable reports whether Open with an offset returns the very records
	// that followed it the first time. Exactly-once flows require it.
	Replayable() bool
}

// A Reader reads one split. One goroutine uses it.
type Reader interface {
	// Read appends records to b, a batch of the source's type, until the
	// batch is full or no more records are at hand; it waits for the first
	// one. At the end of the split it returns io.EOF, with or without
	// records. When ctx ends it returns ctx's error.
	Read(ctx context.Context, b Batch) error
	// Offset is the position after the last record read, in an encoding of
	// the source's own. The caller owns the bytes.
	Offset() []byte
	Close() error
}

// A Place tells a sink which subtask of which run is writing.
type Place struct {
	Step                 string
	Subtask, Parallelism int
	// Generation tells apart the attempts that ever ran on one state
	// directory: two writers alive at the same moment never share one.
	Generation uint64
	// Restored is the checkpoint that the attempt goes on from, 0 if it starts
	// anew. What is visible already of later checkpoints would be written
	// again; a sink that can see it must refuse to open.
	Restored uint64
}

// Delivery is what a sink can promise.
type Delivery int

// The kinds of delivery, weakest first.
const (
	// AtLeastOnce sinks show records as they are written: after a failure
	// some may be written again.
	AtLeastOnce Delivery = iota
	// Idempotent sinks may be given a record twice and show it once.
	Idempotent
	// Transactional sinks show nothing before its checkpoint has committed.
	Transactional
)

// A Sink is a place that records go to.
type Sink interface {
	// Delivery is the sink's promise.
	Delivery() Delivery
	// Open starts a writer. Records written through it become visible only
	// as their checkpoints commit.
	Open(p Place) (Writer, error)
	// Commit makes the records behind a token visible. It is called once the
	// checkpoint that holds the token is complete, possibly more than once
	// and in a later process, so it must be idempotent: committing what is
	// already committed succeeds. Calls do not overlap those of one writer.
	Commit(token []byte) error
	// Recover removes what earlier runs left behind that no checkpoint
	// committed. It is called before any writer opens and after every token
	// of the restored checkpoint has been committed again.
	Recover() error
}

// A Writer is one subtask's end of a sink. Its task calls it, one call at a
// time.
type Writer interface {
	// Write takes the batch, of the sink's type, and releases it.
	Write(b Batch) error
	// Prepare closes the transaction that has been written to since the last
	// call and begins the next. It must be quick: what takes time is left to
	// Persist of the result. It returns nil when nothing was written.
	Prepare(checkpoint uint64) (Prepared, error)
	// Close releases the writer and discards what was not prepared.
	Close() error
}

// Prepared is a closed transaction. Persist runs beside the task, makes the
// records durable but not yet visible, and returns the token that
// [Sink.Commit] will be given.
type Prepared interface {
	Persist() (token []byte, err error)
}
