package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/flyball-stream/flyball/test/governor/operators"
)

// mode is how the engine works.
type mode string

const (
	continuous mode = "continuous"
	batched    mode = "batches"
)

// policy is the law that regulates a trial.
type policy string

const (
	nonePolicy policy = "none" // fixed windows, or batches of a fixed size
	pidPolicy  policy = "pid"  // Spark's
	ourPolicy  policy = "governor"
	// varyPolicy has batches of many sizes, to tell what a batch costs from what
	// its records do.
	varyPolicy policy = "vary"
	// bothPolicy has Spark's law and the governor size batches in shifts.
	bothPolicy policy = "both"
)

// section is a part of the survey, with tables of its own.
type section string

const (
	saturated section = "saturated" // as fast as records are taken
	batches   section = "batches"   // the same in micro-batches
	open      section = "open"      // at a rate
	grid      section = "grid"      // other states and intervals
	goals     section = "goals"     // other goals, saturated
	lengths   section = "lengths"   // micro-batches of all lengths
	soak      section = "soak"
)

// setting is what trials have in common that are compared with each other.
type setting struct {
	Section  section
	Operator string
	Mode     mode
	State    int64         // bytes, when encoded
	Interval time.Duration // between checkpoints; negative for none
	Shape    string        // of the input; empty is as fast as it is taken
	// Batch is the interval of micro-batches, Every how many of them there are
	// to a checkpoint, 0 for none.
	Batch time.Duration
	Every int
	// Times is the goal as a multiple of what the operator needs; 0 for other goals.
	Times float64
}

// share is by how much less state the operator has than the setting is called
// after.
func (s setting) share() int64 {
	op, err := operators.Find(s.Operator)
	if err != nil {
		return 1
	}
	return op.Share
}

// trial is one run.
type trial struct {
	setting
	Policy   policy
	Run      int
	Rate     float64 // records a second, of a shape
	Capacity float64 // records a second that the operator can take, about; 0 if unknown
	Warm     time.Duration
	For      time.Duration // behind the warming
	Goal     time.Duration // of latency
	Memory   int64         // goal, in bytes; 0 for none
	// Shift is how many batches a law has in a row, of which the first Leave do not
	// count; without laws that take turns 0.
	Shift, Leave int
	// Stall is for how long the sink stops, every StallEvery.
	Stall, StallEvery time.Duration
	Inputs            operators.Inputs
}

// result is what a trial measured. Times are in milliseconds, sizes in bytes.
type result struct {
	trial
	Seconds     float64
	Records     int64 // that the operator took
	Rows        int64 // that reached the sink
	Due         quantiles
	Inside      quantiles
	Variation   float64 // of the records taken in 100 ms: standard deviation over mean
	Kept        float64 // part of the periods in which the goal was kept
	Periods     int     // with rows
	Worst       float64 // the p99 inside that all periods but one in a hundred kept to
	InFlight    int64   // the most
	RSS         int64   // the most, over the whole run
	Encoded     int64   // bytes of state at the end, as estimated by the engine
	Entries     int64   // of state at the end
	Checkpoints []saved
	// Predictions and Forecasts are errors relative to what a checkpoint took of a
	// task, after five checkpoints: of what was expected at the barrier, and of
	// what the latest decision before it had expected.
	Predictions []float64
	Forecasts   []float64
	Batches     batchFigures
	Shifts      []shift `json:",omitempty"` // of the laws that took them
	Attempts    int
	Lost        string // what the oracle found missing; empty if nothing
	Series      []sample
}

// quantiles of latency, in ms.
type quantiles struct{ P50, P99, P999 float64 }

// saved is one checkpoint.
type saved struct {
	Took, Alignment float64 // ms
	Bytes           int64
}

// sample is a moment of a trial.
type sample struct {
	Seconds  float64
	Records  int64   // since the last sample
	P99      float64 // ms inside the system, in the period; 0 without rows
	InFlight int64
	RSS      int64
	Saving   bool // a checkpoint was in progress
	Windows  int  // batches granted to the operator's channels
}

// perSecond is the throughput.
func (r result) perSecond() float64 { return float64(r.Records) / r.Seconds }

func (t trial) String() string {
	s := fmt.Sprintf("%-9s %-8s %-8s %4d MiB", t.Section, t.Operator, t.Policy, t.State>>20)
	if t.Mode == batched {
		return s + fmt.Sprintf("  B %v K %d", t.Batch, t.Every)
	}
	if t.Times > 0 {
		s += fmt.Sprintf("  goal %v", t.Goal)
	}
	return s + fmt.Sprintf("  checkpoints %s %s", intervalText(t.Interval), t.Shape)
}

// spawn runs a trial in another process of this program.
func spawn(ctx context.Context, t trial) (r result, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, fmt.Errorf("find this program: %w", err)
	}
	order, err := json.Marshal(t)
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, self, "-trial", string(order))
	cmd.Env = os.Environ()
	if t.Memory > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMEMLIMIT=%d", t.Memory/10*9))
	}
	var failure bytes.Buffer
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		text := strings.TrimSpace(failure.String())
		return r, fmt.Errorf("%v: %w: %s", t, err, text[:min(len(text), 4000)])
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, fmt.Errorf("%v: read its result: %w", t, err)
	}
	if used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.RSS = max(r.RSS, used.Maxrss<<10)
	}
	return r, nil
}
