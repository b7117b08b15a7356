package cluster

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/flyball-stream/flyball/actors"
)

// describe prints an error for a person: what happened where, the stack if
// the flow's own code panicked, and what can be done.
// Unless whole is true the stack is cut to the flow's part of it.
func describe(w io.Writer, program string, err error, whole bool) {
	fmt.Fprintf(w, "%s: %v\n", program, err)
	var task *actors.TaskError
	if !errors.As(err, &task) {
		return
	}
	if stack := task.Stack(); stack != nil {
		text := strings.TrimSpace(string(stack))
		if !whole {
			text = ownFrames(text)
		}
		fmt.Fprintf(w, "\n%s\n\n", text)
	}
	if hint := remedies[task.Kind]; hint != "" {
		fmt.Fprintln(w, hint)
	}
}

// remedies say what can be done about a failure of each kind.
var remedies = map[actors.Kind]string{
	actors.User: "The step's function failed. Mend it and run again: with -state the flow goes on " +
		"from its last checkpoint. To set bad records aside, use dataflow.TryMap.",
	actors.Source: "The source cannot be read. See that it is there and may be read, and run again.",
	actors.Sink:   "The sink cannot be written. See that it is there and has room, and run again.",
	actors.State: "State cannot be saved or restored. See the checkpoints with the command " +
		"checkpoints list -state DIR; start from an earlier one with -from ID.",
	actors.Internal: "This is a defect of Flyball, not of the flow. The state directory is as the " +
		"last checkpoint left it.",
}

// ownFrames cuts a stack to the frames between the panic and the engine: the
// flow's own functions and the operator that called them. A frame is two
// lines, the function and its place. Stacks of another form stay whole.
func ownFrames(stack string) string {
	lines := strings.Split(stack, "\n")
	from, to := -1, -1
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "panic("):
			from, to = i+2, -1
		case to < 0 && from >= 0 && strings.HasPrefix(line, modulePath+"/actors."):
			to = i
		}
	}
	if from < 0 || to <= from {
		return stack
	}
	return strings.Join(lines[from:to], "\n")
}
