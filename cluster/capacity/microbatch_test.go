package capacity

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// batches is a flow whose busiest step takes 20 µs on two subtasks, 100,000
// records a second, and changes 100 bytes of at most 50 MB with each.
const batches = `{"stages": [
  {"name": "orders", "load": {%s}},
  {"name": "totals", "inputs": ["orders"], "parallelism": 2, "record": "20us", "selectivity": 0.1,
   "state": {"touched": 100, "working": "50MB"}},
  {"name": "store", "inputs": ["totals"], "record": "50us"}],
 "checkpoints": {"encode": "100MB", "disk": "200MB", "sync": "20ms"},
 "microBatch": {"interval": "1s", "every": 10, "fixed": "100ms"},
 "goals": {"latency": "4s"}, "duration": "400s", "seed": 1}`

func outcomes(t *testing.T, load string) map[string]Outcome {
	t.Helper()
	p, err := Read(strings.NewReader(fmt.Sprintf(batches, load)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Run()
	if err != nil {
		t.Fatal(err)
	}
	byPolicy := map[string]Outcome{}
	for _, o := range r.Policies {
		byPolicy[o.Policy] = o
	}
	var text strings.Builder
	if err := r.Write(&text); err != nil || !strings.Contains(text.String(), "–") {
		t.Errorf("got %q, %v; want no time of arrival", text.String(), err)
	}
	return byPolicy
}

// TestMicroBatches compares with the arithmetic of a server that is never idle.
func TestMicroBatches(t *testing.T) {
	got := outcomes(t, "")
	// All that can change does within ten batches: 25 MB to encode by each
	// subtask, 50 MB to write, and the sync.
	const save = 250*time.Millisecond + 250*time.Millisecond + 20*time.Millisecond
	for name, o := range got {
		if d := o.Checkpoint - save; d < -time.Millisecond || d > time.Millisecond {
			t.Errorf("%s: a checkpoint takes %v, want %v", name, o.Checkpoint, save)
		}
	}
	ideal := 100e3 * (1 - 0.1 - save.Seconds()/10)
	for _, name := range []string{"pid", "governor"} {
		if o := got[name]; o.Throughput > 1.02*ideal || o.Throughput < 0.9*ideal {
			t.Errorf("%s: %.0f records a second, want about the ideal %.0f", name, o.Throughput, ideal)
		}
	}
	none, ours := got["none"], got["governor"]
	if ours.Within < 0.99 || ours.InsideP99 > 4*time.Second || ours.InFlight <= 0 {
		t.Errorf("governor: %+v; want the goal of 4s kept", ours)
	}
	// What the checkpoints take is never made up for without a policy.
	if none.InsideP50 < 5*time.Second || none.Within > 0.5 {
		t.Errorf("none: %+v; want batches that wait longer and longer", none)
	}
}

// TestMicroBatchesOfLoad has less to do than it could.
func TestMicroBatchesOfLoad(t *testing.T) {
	for name, o := range outcomes(t, `"rate": 50000`) {
		if math.Abs(o.Throughput-50e3) > 1e3 || o.InsideP99 > 3*time.Second {
			t.Errorf("%s: %+v; want 50000 records a second, at once", name, o)
		}
	}
}

func TestReadRefusesMicroBatches(t *testing.T) {
	for text, says := range map[string]string{
		`"microBatch": {}`: "want an interval",
		`"microBatch": {"interval": "1s", "every": -1}`:                       "every -1",
		`"microBatch": {"interval": "1s", "fixed": "2s"}`:                     "less than its interval",
		`"microBatch": {"interval": "1s"}, "checkpoints": {"interval": "1s"}`: "no meaning beside microBatch",
		`"microBatch": {"interval": "1s"}, "policies": ["best"]`:              "want none, pid or governor",
		`"microBatch": {"interval": "1s"}, "goals": {"latency": "x"}`:         "want a duration",
	} {
		plan := `{"stages": [{"name":"a","load":{}}], ` + text + `}`
		if _, err := Read(strings.NewReader(plan)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want an error with %q", text, err, says)
		}
	}
	for stage, says := range map[string]string{
		`"load": {"burst": 0.5}`:                         "burst and swing are not simulated",
		`"load": {}, "pauses": [{"at":"1s","for":"1s"}]`: "pauses are not simulated",
	} {
		plan := `{"stages": [{"name":"a",` + stage + `}], "microBatch": {"interval": "1s"}}`
		if _, err := Read(strings.NewReader(plan)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want an error with %q", stage, err, says)
		}
	}
}

// TestTooManyBatches asks for what would take for ever, and for a flow without work.
func TestTooManyBatches(t *testing.T) {
	for _, plan := range []string{
		`{"stages": [{"name":"a","load":{},"record":"1us"}], "microBatch": {"interval": "1us"}, "duration": "1h"}`,
		`{"stages": [{"name":"a","load":{}}], "microBatch": {"interval": "1s"}}`,
	} {
		p, err := Read(strings.NewReader(plan))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(); err == nil || !strings.Contains(err.Error(), "simulate micro-batches") {
			t.Errorf("%s: got %v", plan, err)
		}
	}
}
