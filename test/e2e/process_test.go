package e2e

import (
	"cmp"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/test/process"
)

// patience is how long a child may take before it counts as hung.
const patience = 60 * time.Second

// running is a child that runs or has run.
type running struct {
	report
	*process.Process
}

// start starts a child.
func start(t *testing.T, c child) *running {
	t.Helper()
	return &running{Process: process.Start(t, c, cmp.Or(c.Patience, patience))}
}

// wait waits for the end of a child.
func (p *running) wait(t *testing.T) *running {
	t.Helper()
	p.Wait(t, &p.report)
	return p
}

// run runs a child to its end.
func run(t *testing.T, c child) *running {
	t.Helper()
	return start(t, c).wait(t)
}

// mustEnd runs a child that must read its input to the end.
func mustEnd(t *testing.T, c child) *running {
	t.Helper()
	p := run(t, c)
	if p.Killed || p.Err != "" || p.Stopped {
		t.Fatalf("child: got %+v, killed %v, want the end of its input\n%s",
			p.report, p.Killed, p.Stderr)
	}
	return p
}
