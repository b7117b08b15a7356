package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/test/process"
)

// TestParallelism compares the output of the whole sample for several
// numbers of subtasks, from a plain file in pieces and from a packed one.
func TestParallelism(t *testing.T) {
	plain, packed := newInput(t, 1<<30, false), newInput(t, 1<<30, true)
	for _, in := range []input{plain, packed} {
		for _, p := range []int{1, 2, 5} {
			t.Run(fmt.Sprint(filepath.Ext(in.path), p), func(t *testing.T) {
				dir := t.TempDir()
				c := child{
					In: in.path, Out: filepath.Join(dir, "out"), State: filepath.Join(dir, "state"),
					Parallelism: p, Split: 1 << 20, Interval: 50 * time.Millisecond,
				}
				mustEnd(t, c)
				in.want.check(t, c.Out)
			})
		}
	}
}

// TestStopAndGoOn interrupts a flow and goes on with other numbers of
// subtasks until it ends.
func TestStopAndGoOn(t *testing.T) {
	in := newInput(t, 100_000, false)
	dir := t.TempDir()
	c := child{
		In: in.path, Out: filepath.Join(dir, "out"), State: filepath.Join(dir, "state"),
		Split: 256 << 10, Rate: 100_000, Interval: 50 * time.Millisecond,
	}
	stops := 0
	for _, p := range []int{1, 3, 2, 5} {
		c.Parallelism = p
		child := start(t, c)
		child.Await(t, "its word that it listens", func() bool {
			return strings.Contains(child.Said(), listening)
		})
		process.After(t, 250*time.Millisecond, func() { _ = child.Signal(os.Interrupt) })
		if child.wait(t); child.Err != "" || child.Killed {
			t.Fatalf("interrupted child: %+v\n%s", child.report, child.Stderr)
		}
		if child.Stopped {
			stops++
		}
		in.want.look(t, c.Out)
	}
	c.Rate = 0
	mustEnd(t, c)
	in.want.check(t, c.Out)
	if stops == 0 {
		t.Error("got no stop before the end, want some")
	}
}

// TestProgram builds the example as a user would, interrupts it, and goes on.
func TestProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "flights")
	if out, err := exec.Command("go", "build", "-o", bin, "../../examples/flights").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	args := []string{"run", "-in", sample, "-out", filepath.Join(dir, "out"), "-state",
		filepath.Join(dir, "state"), "-interval", "20ms"}
	for i := range 4 {
		cmd := exec.CommandContext(t.Context(), bin, append(args, "-parallelism", fmt.Sprint(i+1))...)
		if i < 3 {
			process.After(t, time.Duration(20+40*i)*time.Millisecond, func() {
				if cmd.Process != nil {
					_ = cmd.Process.Signal(os.Interrupt)
				}
			})
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			// A program that has not begun to listen ends by the signal.
			if i == 3 || cmd.ProcessState.Exited() {
				t.Fatalf("run %d: %v\n%s", i, err, out)
			}
		}
	}
	total := 0
	files, err := filepath.Glob(filepath.Join(dir, "out", "hourly-*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		total += flightsIn(t, f)
	}
	if want := 212_471; total != want {
		t.Errorf("flights: got %d in %d files, want %d", total, len(files), want)
	}
}

var soakTime = flag.Duration("soak.time", 0, "how long TestSoak runs")

// TestSoak kills flows until its time is over.
func TestSoak(t *testing.T) {
	if *soakTime == 0 {
		t.Skip("-soak.time is not set")
	}
	x := newCrasher(t, *crashSeed)
	for began := time.Now(); time.Since(began) < *soakTime; {
		x.series(t, x.kills+20)
	}
	t.Logf("%d kills in %d series:\n%s", x.kills, x.done, x.table())
}
