package checkpoint

import "time"

// Event is something that has happened.
type Event interface{ event() }

// Tick says what time it is.
type Tick struct{ Now time.Time }

// Trigger asks for a savepoint with a label, as soon as possible.
type Trigger struct{ Label string }

// Plan says how long after the beginning of the last checkpoint the next is
// due.
type Plan struct{ Interval time.Duration }

// Due asks for a checkpoint as soon as possible.
type Due struct{}

// Ended says that every task has seen the end of its input: nothing will
// change any more, and the final checkpoint is due.
type Ended struct{}

// Stop asks for a final checkpoint now, with input left.
type Stop struct{}

// Acked says that a task's part of a checkpoint is durable.
type Acked struct {
	Task       int
	Checkpoint uint64
	Commits    bool // it has something to commit
}

// Declined says that a task cannot take part in a checkpoint.
type Declined struct {
	Task       int
	Checkpoint uint64
	Err        error
}

// Published says that the manifest is durable, or could not be made so.
type Published struct {
	Checkpoint uint64
	Err        error
}

// Committed says that a task's sinks have committed.
type Committed struct {
	Task       int
	Checkpoint uint64
}

func (Tick) event()      {}
func (Trigger) event()   {}
func (Plan) event()      {}
func (Due) event()       {}
func (Ended) event()     {}
func (Stop) event()      {}
func (Acked) event()     {}
func (Declined) event()  {}
func (Published) event() {}
func (Committed) event() {}

// Command is something to be done.
type Command interface{ command() }

// Inject sends the barrier of a checkpoint into all sources. After a final
// one they read no more. A savepoint is written whole.
type Inject struct {
	Checkpoint uint64
	Final      bool
	Savepoint  bool
	Label      string
}

// Publish makes the manifest of a checkpoint durable.
type Publish struct{ Checkpoint uint64 }

// Commit tells all tasks that a checkpoint is complete; those whose sinks
// prepared commit it.
type Commit struct{ Checkpoint uint64 }

// Abort tells all tasks that a checkpoint has come to nothing.
type Abort struct {
	Checkpoint uint64
	Err        error
}

// Finish says that the job is done: its final checkpoint has committed.
type Finish struct{}

// Fail says that the job cannot go on.
type Fail struct{ Err error }

func (Inject) command()  {}
func (Publish) command() {}
func (Commit) command()  {}
func (Abort) command()   {}
func (Finish) command()  {}
func (Fail) command()    {}
