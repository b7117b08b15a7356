package process

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a child that runs or has run. What is exported is valid after
// [Process.Wait] or [Process.End].
type Process struct {
	Killed bool   // by SIGKILL, its own or ours
	Stderr string // the beginning of it

	cmd    *exec.Cmd
	over   <-chan struct{} // closed when patience is
	cancel func()
	out    bytes.Buffer
	err    said
}

// Start starts a child, which may take as long as patience lasts. The caller
// waits for it.
func Start(t *testing.T, spec any, patience time.Duration) *Process {
	t.Helper()
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, patience, childEnv+"="+string(text), os.Args[0])
}

// Program starts a program that is not the test's own, such as an example. The
// caller waits for its end.
func Program(t *testing.T, patience time.Duration, path string, args ...string) *Process {
	t.Helper()
	return start(t, patience, "", path, args...)
}

func start(t *testing.T, patience time.Duration, env, path string, args ...string) *Process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	p := &Process{cmd: exec.CommandContext(ctx, path, args...), over: ctx.Done(), cancel: cancel}
	p.cmd.Env = append(os.Environ(), "GOTRACEBACK=all")
	if env != "" {
		p.cmd.Env = append(p.cmd.Env, env)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	p.cmd.Cancel = func() error { return p.Signal(syscall.SIGQUIT) }
	p.cmd.WaitDelay = 5 * time.Second
	if _, err := p.cmd.StdinPipe(); err != nil { // it is closed when the child has ended
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// Await waits until a process that runs is so far: ok is called again and again. It
// fails the test when patience is over.
func (p *Process) Await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for !ok() {
		select {
		case <-p.over:
			t.Fatalf("wait for %s: patience is over; the process has said:\n%s", what, head(p.Said()))
		case <-time.After(time.Millisecond):
		}
	}
}

// Wait waits for the end of the child, which must be a report or a kill, never
// a crash or a hang. A report is decoded into *report.
func (p *Process) Wait(t *testing.T, report any) {
	t.Helper()
	if p.wait(t, reported); p.Killed {
		return
	}
	if err := json.Unmarshal(p.out.Bytes(), report); err != nil {
		t.Fatalf("child: report %q: %v\n%s", p.out.String(), err, p.Stderr)
	}
}

// End waits for the end of a program, which must be a success or a kill.
func (p *Process) End(t *testing.T) {
	t.Helper()
	p.wait(t, succeeded)
}

// wait waits for a kill or an exit status up to one.
func (p *Process) wait(t *testing.T, most int) {
	t.Helper()
	defer p.cancel()
	err := p.cmd.Wait()
	p.Stderr = head(p.Said())
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("wait for child: %v", err)
	}
	status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case status.Signaled() && status.Signal() == syscall.SIGKILL:
		p.Killed = true
		return
	case !status.Exited() || status.ExitStatus() > most:
		t.Fatalf("child ended with %v:\n%s", p.cmd.ProcessState, p.Stderr)
	}
	if strings.Contains(p.Said(), "DATA RACE") {
		t.Errorf("child:\n%s", p.Stderr)
	}
}

// Said is what the process has written to stderr so far.
func (p *Process) Said() string { return p.err.String() }

// said is text that grows.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Signal sends a signal. It is an error if the child has ended.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Pid is the child's process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// After runs f when d has passed, unless the test has ended before.
func After(t *testing.T, d time.Duration, f func()) {
	timer := time.AfterFunc(d, f)
	t.Cleanup(func() { timer.Stop() })
}

// head is the beginning of a long text.
func head(s string) string {
	const most = 8 << 10
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
