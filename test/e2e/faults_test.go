package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/test/process"
)

const faultFlights = 30_000

// half is a flow that was killed after some checkpoints, with most of its
// input still to read.
func half(t *testing.T, in input) child {
	t.Helper()
	dir := t.TempDir()
	c := child{
		In: in.path, Out: filepath.Join(dir, "out"), State: filepath.Join(dir, "state"),
		Parallelism: 2, Split: 128 << 10, Rate: 5_000, Interval: 10 * time.Millisecond,
		Death: process.Death{Point: "inject", Nth: 5}, // after the fourth has committed
	}
	if p := run(t, c); !p.Killed {
		t.Fatalf("child: got %+v, want it to die", p.report)
	}
	c.Death, c.Rate, c.Interval = process.Death{}, 0, -1
	return c
}

// mustFail runs a child whose error must name everything in words.
func mustFail(t *testing.T, c child, words ...string) {
	t.Helper()
	p := run(t, c)
	if p.Err == "" || p.Killed {
		t.Fatalf("child: got %+v, want an error with %q", p.report, words)
	}
	for _, w := range words {
		if !strings.Contains(p.Err, w) {
			t.Errorf("child: got error\n%s\nwant %q in it", p.Err, w)
		}
	}
	t.Log(p.Err)
}

func TestInputVanishes(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	away := in.path + ".away"
	if err := os.Rename(in.path, away); err != nil {
		t.Fatal(err)
	}
	mustFail(t, c, `step "flights"`, in.path)
	if err := os.Rename(away, in.path); err != nil {
		t.Fatal(err)
	}
	mustEnd(t, c)
	in.want.check(t, c.Out)
}

func TestInputReplaced(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"shorter":   func(b []byte) []byte { return b[:len(b)/2] },
		"other":     func(b []byte) []byte { return bytes.Replace(b, []byte("LAS"), []byte("SAL"), 1) },
		"other end": func(b []byte) []byte { return append(b[:len(b)-4], "XYZ\n"...) },
	} {
		t.Run(name, func(t *testing.T) {
			in := newInput(t, faultFlights, name == "other")
			c := half(t, in)
			text, err := os.ReadFile(in.path)
			if err != nil {
				t.Fatal(err)
			}
			if name == "other" {
				text[20] ^= 1
			}
			if err := os.WriteFile(in.path, change(text), 0o666); err != nil {
				t.Fatal(err)
			}
			mustFail(t, c, `step "flights"`, in.path)
			in.want.look(t, c.Out)
		})
	}
}

func TestBadRecord(t *testing.T) {
	in := newInput(t, faultFlights, false)
	text, err := os.ReadFile(in.path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines[15_000] = []byte("2001-01-01T25:61,many,0,LAS,PHL\n")
	if err := os.WriteFile(in.path, bytes.Join(lines, nil), 0o666); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mustFail(t, child{In: in.path, Out: filepath.Join(dir, "out"), State: filepath.Join(dir, "state"),
		Parallelism: 2}, `step "flights"`, in.path, "2001-01-01T25:61", "15001")
	in.want.look(t, filepath.Join(dir, "out"))
}

func TestUserPanic(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	c.Panic = 1000
	mustFail(t, c, `step "pace"`, "user code has lost its way", "Date:2001-01-0")
	c.Panic = 0
	mustEnd(t, c)
	in.want.check(t, c.Out)
}

// TestRestarts lets user code panic once: the flow restarts by itself.
func TestRestarts(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	c.Panic, c.Attempts, c.Backoff = 1000, 3, time.Millisecond
	c.UserAttempts = 3
	if p := mustEnd(t, c); p.Attempts != 2 {
		t.Errorf("attempts: got %d, want 2", p.Attempts)
	}
	in.want.check(t, c.Out)
}

func TestOutputVanishes(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	if err := os.RemoveAll(c.Out); err != nil {
		t.Fatal(err)
	}
	mustFail(t, c, ` out"`, c.Out, "gone")
}

// TestOutputVanishesMeanwhile takes the output away from a flow that writes to it, and puts it
// back for the next run.
func TestOutputVanishesMeanwhile(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	c.Rate, c.Interval = 5_000, 20*time.Millisecond
	p := start(t, c)
	p.Await(t, "a file of the second run", func() bool {
		files, err := filepath.Glob(filepath.Join(c.Out, "[^.]*-0002-*"))
		return err == nil && len(files) > 0
	})
	away := c.Out + ".away"
	if err := os.Rename(c.Out, away); err != nil {
		t.Fatal(err)
	}
	if p.wait(t); p.Err == "" {
		t.Fatalf("child: got %+v, want an error", p.report)
	}
	if !strings.Contains(p.Err, c.Out) || !strings.Contains(p.Err, ` out"`) {
		t.Errorf("child: got error %q, want step and path in it", p.Err)
	}
	t.Log(p.Err)
	if err := os.Rename(away, c.Out); err != nil {
		t.Fatal(err)
	}
	c.Rate, c.Interval = 0, -1
	mustEnd(t, c)
	in.want.check(t, c.Out)
}

func TestStateInUse(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	slow := c
	slow.Rate = 10_000
	p := start(t, slow)
	awaitLock(t, c.State)
	mustFail(t, c, c.State, "another process")
	if p.wait(t); p.Err != "" {
		t.Fatalf("first child: %s", p.Err)
	}
	in.want.check(t, c.Out)
}

// awaitLock waits until some process has the lock of the state directory.
func awaitLock(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "LOCK"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			return
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_UN); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Millisecond)
	}
	t.Fatalf("nobody has locked %s in %v", dir, patience)
}

func TestStateOfAnotherFlow(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	other := c
	other.Flow = "trains"
	mustFail(t, other, c.State, `"flights"`, `"trains"`)
	mustEnd(t, c)
	in.want.check(t, c.Out)
}

func TestStepRenamed(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	renamed := c
	renamed.Renamed = true
	mustFail(t, renamed, `"hours"`)
	in.want.look(t, c.Out)
	mustEnd(t, c)
	in.want.check(t, c.Out)
}

// TestFileLimit lets no file grow: what needs to is an error.
func TestFileLimit(t *testing.T) {
	in := newInput(t, faultFlights, false)
	for _, limit := range []uint64{1 << 10, 64 << 10, 1 << 20} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			c := half(t, in)
			limited := c
			limited.FileLimit = limit
			if p := run(t, limited); p.Err != "" {
				t.Log(p.Err)
			}
			in.want.look(t, c.Out)
			mustEnd(t, c)
			in.want.check(t, c.Out)
		})
	}
}
