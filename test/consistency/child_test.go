package consistency

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/test/law"
)

// child says what a run of the flow is to do. It travels to a process of its
// own as JSON in an environment variable.
type child struct {
	Out, State  string
	Transfers   int64
	Parallelism int
	Rate        float64 // transfers a second; 0 is no limit
	Interval    time.Duration
	Eager       bool   // write changes as they come
	Law         string // see package law; empty is none
	Death       death
}

// newChild is a flow with directories of its own.
func newChild(t *testing.T, transfers int64, parallelism int) child {
	dir := t.TempDir()
	return child{
		Out: filepath.Join(dir, "out"), State: filepath.Join(dir, "state"),
		Transfers: transfers, Parallelism: parallelism, Interval: 20 * time.Millisecond,
	}
}

// death kills a child at the nth time that it is at a fault point, or a little
// later.
type death struct {
	Point string
	Nth   int
	After time.Duration
}

// job makes the job of a child, with what a test wants to know and to change.
func (c child) job(cfg actors.Config, watch func(transfer) transfer) (*actors.Job, error) {
	flow := c.define(watch)
	g, err := flow.Build(flow.Params())
	if err != nil {
		return nil, err
	}
	cfg.Dir, cfg.Parallelism, cfg.CheckpointInterval = c.State, c.Parallelism, c.Interval
	if c.Law != "" {
		law.Set(c.Law, &cfg)
	}
	return actors.New(g, cfg)
}

// run runs the flow to its end.
func (c child) run(cfg actors.Config, watch func(transfer) transfer) error {
	j, err := c.job(cfg, watch)
	if err != nil {
		return err
	}
	return errors.Join(j.Run(context.Background()), j.Close())
}

func asIs(t transfer) transfer { return t }

const childEnv = "FLYBALL_CONSISTENCY_CHILD"

// TestMain runs the tests, or is a child.
func TestMain(m *testing.M) {
	text := os.Getenv(childEnv)
	if text == "" {
		flag.Parse()
		os.Exit(m.Run())
	}
	var c child
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	// A child ends with its parent, whose end of the pipe is closed then.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	cfg := actors.Config{
		Faults: c.Death.hook(), Restart: actors.RestartPolicy{Attempts: -1, UserAttempts: -1},
	}
	if err := c.run(cfg, asIs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// hook is called at every fault point.
func (d death) hook() func(string) {
	var mu sync.Mutex
	left := d.Nth
	return func(point string) {
		if point != d.Point {
			return
		}
		mu.Lock()
		left--
		now := left == 0
		mu.Unlock()
		if !now {
			return
		}
		if d.After > 0 {
			time.AfterFunc(d.After, die)
			return
		}
		die()
		select {} // the signal may take a moment; nothing happens after it
	}
}

func die() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) }

// patience is how long a child may take before it counts as hung.
const patience = 2 * time.Minute

// process runs a child as a process of its own and reports whether it was
// killed. Any other failure is the test's.
func (c child) process(t *testing.T) (killed bool) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(text), "GOTRACEBACK=all")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) }
	cmd.WaitDelay = 5 * time.Second
	if _, err := cmd.StdinPipe(); err != nil { // it is closed when the child has ended
		t.Fatal(err)
	}
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil || bytes.Contains(stderr.Bytes(), []byte("DATA RACE")) {
		t.Fatalf("child %+v: %v\n%.8192s", c, err, stderr.String())
	}
	return false
}
