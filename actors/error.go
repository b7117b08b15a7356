package actors

import (
	"errors"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Kind is what sort of thing failed; the restart policy goes by it.
type Kind int

// The kinds of failure. Numbers are stable; new kinds are appended.
const (
	Internal Kind = iota // a broken invariant of the engine
	User                 // a function of the flow's author
	Source               // reading
	Sink                 // writing or committing
	State                // saving or restoring state
	Network              // a link between nodes
	Lost                 // a node is gone
)

// String is the kind in a word.
func (k Kind) String() string {
	return [...]string{"internal", "user", "source", "sink", "state", "network", "lost"}[k]
}

// TaskError is the failure of a task: which step of it, and why.
type TaskError struct {
	Flow    string
	Step    string
	Subtask int
	Attempt int
	Kind    Kind
	Err     error
}

// Error names flow, step, subtask, attempt and cause.
func (e *TaskError) Error() string {
	return fmt.Sprintf("flow %q: step %q: subtask %d: attempt %d: %v",
		e.Flow, e.Step, e.Subtask, e.Attempt, e.Err)
}

// Unwrap returns the cause.
func (e *TaskError) Unwrap() error { return e.Err }

// Stack is the stack of the panic behind the error, or nil.
func (e *TaskError) Stack() []byte {
	var p *operator.Panic
	if errors.As(e.Err, &p) {
		return p.Stack
	}
	return nil
}

// errStopped unwinds a task that is being stopped while it waits for credit.
var errStopped = errors.New("the task is being stopped")

// stepError is an error on its way out of a chain, with the step it began in.
type stepError struct {
	step string
	kind Kind
	err  error
}

func (e *stepError) Error() string { return fmt.Sprintf("step %q: %v", e.step, e.err) }

func (e *stepError) Unwrap() error { return e.err }

// atStep wraps err with a step, unless a step further down has done so.
func atStep(err error, step string, kind Kind) error {
	if err == nil {
		return nil
	}
	return wrapped(err, step, kind)
}

// wrapped is apart from atStep, which runs for every batch, because looking
// for an error's type allocates.
func wrapped(err error, step string, kind Kind) error {
	var inner *stepError
	if errors.Is(err, errStopped) || errors.As(err, &inner) {
		return err
	}
	return &stepError{step, kind, err}
}
