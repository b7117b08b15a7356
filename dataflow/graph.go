package dataflow

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// A Graph collects the steps of a flow while its build function runs. It is
// used by one goroutine and not after the build function has returned.
type Graph struct {
	g      *plan.Graph
	errs   []error
	byName map[string]plan.Position
}

func newGraph(flow string, guarantee Guarantee) *Graph {
	return &Graph{
		g: &plan.Graph{
			Flow: flow, ExactlyOnce: guarantee == ExactlyOnce, Groups: state.DefaultGroups,
		},
		byName: map[string]plan.Position{},
	}
}

// A BuildError is a mistake in a flow's definition, at a line of the user's
// code.
type BuildError struct {
	Step string // empty when the mistake is the whole flow's
	At   plan.Position
	Err  error
}

// Error begins with the line of the flow.
func (e *BuildError) Error() string {
	if e.Step == "" {
		return fmt.Sprintf("%s: %v", e.At, e.Err)
	}
	return fmt.Sprintf("%s: step %q: %v", e.At, e.Step, e.Err)
}

// Unwrap returns the cause.
func (e *BuildError) Unwrap() error { return e.Err }

// Fail records a mistake in the step being defined, found by a connector; the
// flow's Build returns it together with all others.
func (g *Graph) Fail(step string, err error) {
	g.errs = append(g.errs, &BuildError{step, caller(), err})
}

// add appends a step and returns its index. A mistake in it is recorded and
// building goes on, so that all mistakes are reported at once.
func (g *Graph) add(s *plan.Step, opts []Option) int {
	s.At = caller()
	for _, o := range opts {
		o(s)
	}
	if err := checkName(s.Name); err != nil {
		g.errs = append(g.errs, &BuildError{s.Name, s.At, err})
	} else if at, taken := g.byName[s.Name]; taken {
		g.errs = append(g.errs, &BuildError{s.Name, s.At, fmt.Errorf(
			"the name is taken by the step at %s; a name is a step's identity", at)})
	}
	if s.Parallelism < 0 || s.Parallelism > g.g.Groups {
		g.errs = append(g.errs, &BuildError{s.Name, s.At, fmt.Errorf(
			"parallelism %d is not between 1 and the flow's %d key groups",
			s.Parallelism, g.g.Groups)})
	}
	g.byName[s.Name] = s.At
	g.g.Steps = append(g.g.Steps, s)
	return len(g.g.Steps) - 1
}

// maxName bounds a step's name, which stands in every key of its state.
const maxName = 120

func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("a step needs a name: it is the step's identity in " +
			"checkpoints, metrics and errors")
	case len(name) > maxName:
		return fmt.Errorf("the name is longer than %d bytes", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return errors.New("the name has characters that cannot be printed")
	}
	return nil
}

const module = "github.com/flyball-stream/flyball/dataflow"

// caller is the line of the nearest function outside this package and the
// connectors below it: the line of the flow's author.
func caller() plan.Position {
	var pcs [24]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		ours := strings.HasPrefix(f.Function, module+".") || strings.HasPrefix(f.Function, module+"/")
		if !ours || strings.HasSuffix(f.File, "_test.go") || !more {
			return plan.Position{File: f.File, Line: f.Line}
		}
	}
}

// build checks the whole and returns the graph.
func (g *Graph) build(guarantee Guarantee) (*plan.Graph, error) {
	for _, s := range g.g.Steps {
		g.checkEnds(s, guarantee)
	}
	if len(g.g.Steps) == 0 {
		g.errs = append(g.errs, fmt.Errorf("flow %q has no steps", g.g.Flow))
	}
	if err := errors.Join(g.errs...); err != nil {
		return nil, fmt.Errorf("build flow %q:\n%w", g.g.Flow, err)
	}
	return g.g, nil
}

// consumed reports whether any step takes an output port.
func (g *Graph) consumed(step, port int) bool {
	for _, s := range g.g.Steps {
		for _, in := range s.Inputs {
			if in.From == step && in.Port == port {
				return true
			}
		}
	}
	return false
}

func (g *Graph) checkEnds(s *plan.Step, guarantee Guarantee) {
	fail := func(format string, args ...any) {
		g.errs = append(g.errs, &BuildError{s.Name, s.At, fmt.Errorf(format, args...)})
	}
	if s.Source != nil && guarantee != BestEffort && !s.Source.Source.Replayable() {
		fail("the source cannot be read again after a failure, so the flow cannot be %v; "+
			"read from a replayable source or define the flow as %v", guarantee, BestEffort)
	}
	if s.Sink != nil && guarantee == ExactlyOnce && s.Sink.Delivery() == operator.AtLeastOnce {
		fail("the sink shows records before their checkpoint, so the flow cannot be %v; "+
			"write to a transactional sink or define the flow as %v", guarantee, AtLeastOnce)
	}
}
