package microbatch

import "github.com/flyball-stream/flyball/governor"

// Event is something that has happened.
type Event interface{ event() }

// Tick passes the time, and says what state there is: bytes changed since the
// last checkpoint, and all bytes.
type Tick struct{ Dirty, State int64 }

// Read says that a source has read its part of a batch.
type Read struct {
	Batch   uint64
	Records int64
}

// Passed says that a task has processed a batch.
type Passed struct{ Batch uint64 }

// Captured says how much a task's part of the checkpoint in progress has: bytes
// that had changed, and all bytes.
type Captured struct{ Dirty, State int64 }

// Checkpointed says that a checkpoint is over, durable or not.
type Checkpointed struct{}

func (Tick) event()         {}
func (Read) event()         {}
func (Passed) event()       {}
func (Captured) event()     {}
func (Checkpointed) event() {}

// Command is something to be done.
type Command interface{ command() }

// Release lets the sources read a batch of at most so many records together.
type Release struct {
	Batch      uint64
	Records    int64
	Checkpoint bool // to be taken at its end
}

// Completed tells of a batch that is complete.
type Completed struct{ governor.CompletedBatch }

func (Release) command()   {}
func (Completed) command() {}
