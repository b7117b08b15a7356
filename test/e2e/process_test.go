package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a child may take before it counts as hung.
const patience = 60 * time.Second

// process is a child that runs or has run.
type process struct {
	report
	killed bool // by SIGKILL, its own or ours
	stderr string
	cmd    *exec.Cmd
	cancel func()
	out    bytes.Buffer
	err    bytes.Buffer
}

// start starts a child.
func start(t *testing.T, c child) *process {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	limit := cmp.Or(c.Patience, patience)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	p := &process{cmd: exec.CommandContext(ctx, os.Args[0]), cancel: cancel}
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(text), "GOTRACEBACK=all")
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGQUIT) }
	p.cmd.WaitDelay = 5 * time.Second
	if _, err := p.cmd.StdinPipe(); err != nil { // it is closed when the child has ended
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// wait waits for the end of a child, which must be one that is allowed: a
// report or a kill, never a crash or a hang.
func (p *process) wait(t *testing.T) *process {
	t.Helper()
	defer p.cancel()
	err := p.cmd.Wait()
	p.stderr = p.err.String()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("wait for child: %v", err)
	}
	status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case status.Signaled() && status.Signal() == syscall.SIGKILL:
		p.killed = true
		return p
	case status.Exited() && status.ExitStatus() <= 1:
		if err := json.Unmarshal(p.out.Bytes(), &p.report); err != nil {
			t.Fatalf("child: report %q: %v\n%s", p.out.String(), err, head(p.stderr))
		}
	default:
		t.Fatalf("child ended with %v:\n%s", p.cmd.ProcessState, head(p.stderr))
	}
	if strings.Contains(p.stderr, "DATA RACE") {
		t.Errorf("child:\n%s", head(p.stderr))
	}
	return p
}

// run runs a child to its end.
func run(t *testing.T, c child) *process {
	t.Helper()
	return start(t, c).wait(t)
}

// mustEnd runs a child that must read its input to the end.
func mustEnd(t *testing.T, c child) *process {
	t.Helper()
	p := run(t, c)
	if p.killed || p.Err != "" || p.Stopped {
		t.Fatalf("child: got %+v, killed %v, want the end of its input\n%s",
			p.report, p.killed, head(p.stderr))
	}
	return p
}

// head is the beginning of a long text.
func head(s string) string {
	const most = 8 << 10
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
