package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/test/governor/operators"
)

var samples = operators.Inputs{
	Flights: "../../../examples/flights/data/flights-sample.csv.gz",
	Words:   "../../../examples/wordcount/data/opticks.txt",
}

// short is a trial of half a second.
func short(name string, m mode, p policy) trial {
	t := trial{
		setting: setting{
			Section: saturated, Operator: name, Mode: m, State: 1 << 20, Interval: 100 * ms,
			Batch: 50 * ms, Every: 3,
		},
		Policy: p, Capacity: 50_000, Goal: 250 * ms, Shift: 3, Warm: 200 * ms, For: 600 * ms, Inputs: samples,
	}
	t.State /= t.share()
	if m == batched {
		t.Interval = 0
	}
	return t
}

// TestTrials runs every operator and mode with the governor, and one with
// every policy, for a moment.
func TestTrials(t *testing.T) {
	for _, op := range operators.All() {
		for _, m := range []mode{continuous, batched} {
			for _, p := range append([]policy{varyPolicy, bothPolicy}, laws...) {
				if m == continuous && (p == varyPolicy || p == bothPolicy) || p != ourPolicy && op.Name != "running" {
					continue
				}
				t.Run(fmt.Sprint(op.Name, "/", m, "/", p), func(t *testing.T) {
					t.Parallel()
					tryOnce(t, short(op.Name, m, p))
				})
			}
		}
	}
}

func tryOnce(t *testing.T, order trial) {
	r, err := order.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Records == 0 || r.Seconds < 0.5 || r.Attempts != 1 || len(r.Series) == 0 || r.RSS == 0 {
		t.Errorf("got %d records in %v s, attempt %d, %d samples, %d bytes resident",
			r.Records, r.Seconds, r.Attempts, len(r.Series), r.RSS)
	}
	if r.Policy == bothPolicy && (len(r.Shifts) == 0 || len(r.perLaw()[0].Shifts) != 0) {
		t.Errorf("got %d shifts", len(r.Shifts))
	}
	if r.Mode == batched && r.Batches.Count == 0 {
		t.Error("there was no batch")
	}
	if text, err := json.Marshal(r); err != nil {
		t.Errorf("the result cannot be written: %v: %s", err, text)
	}
}

// TestPacedTrial has latency from when records were due.
func TestPacedTrial(t *testing.T) {
	order := short("running", continuous, nonePolicy)
	order.Shape, order.Rate, order.Section = "constant", 20_000, open
	r, err := order.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Due.P50 == 0 || r.Due.P50 < r.Inside.P50 {
		t.Errorf("got a p50 of %v ms since due and %v inside, want it to be no less", r.Due.P50, r.Inside.P50)
	}
}

// TestSoak overloads for a moment and finds nothing lost; a row less is found.
func TestSoak(t *testing.T) {
	order := short("running", continuous, ourPolicy)
	order.Section, order.Shape, order.Rate, order.Warm = soak, "constant", 100_000, 0
	order.Stall, order.StallEvery, order.Memory = 50*ms, 200*ms, 1<<30
	r, err := order.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.verdict(1 << 30); err != nil || r.Rows == 0 {
		t.Errorf("%d rows: %v", r.Rows, err)
	}
	if r.verdict(1<<20) == nil {
		t.Error("no error from a process of more than a MiB")
	}
}

func TestMissing(t *testing.T) {
	order := short("running", continuous, nonePolicy)
	r := &running{result: result{trial: order}}
	if err := r.load(); err != nil {
		t.Fatal(err)
	}
	if lost := r.missing(); lost != "" {
		t.Errorf("before anything was read: %s", lost)
	}
	r.sink.rows++
	if r.missing() == "" {
		t.Error("a row too many was not found")
	}
}

func TestWrongTrials(t *testing.T) {
	for name, change := range map[string]func(*trial){
		"operator": func(t *trial) { t.Operator = "x" },
		"shape":    func(t *trial) { t.Shape = "x" },
		"policy":   func(t *trial) { t.Policy = "x" },
		"batch":    func(t *trial) { t.Policy, t.Batch = pidPolicy, 0 },
		"shift":    func(t *trial) { t.Mode, t.Policy, t.Shift = batched, bothPolicy, 0 },
		"capacity": func(t *trial) { t.Mode, t.Capacity = batched, 0 },
		"input":    func(t *trial) { t.Inputs.Flights = "nothing" },
	} {
		order := short("running", continuous, nonePolicy)
		change(&order)
		if _, err := order.run(t.Context()); err == nil {
			t.Errorf("a wrong %s: no error", name)
		}
	}
	if err := child(context.Background(), "{"); err == nil {
		t.Error("no error for an order that is no JSON")
	}
}

// TestSurvey looks at the trials that a survey would make.
func TestSurvey(t *testing.T) {
	s := survey{
		interval: time.Second, batch: 250 * ms, every: 4, warm: time.Second, measured: 9 * time.Second,
		load: 0.5,
	}
	s.sections, _ = choose("")
	home := setting{
		Section: saturated, Operator: "running", Mode: continuous, State: 1 << 20, Interval: time.Second,
	}
	count := map[section]int{}
	for _, at := range s.rest(home) {
		count[at.Section]++
		one := s.trial(at, ourPolicy, 0, 1000)
		if paced := at.Section == open; paced != (one.Rate == 500) {
			t.Errorf("%v: got a rate of %v", one, one.Rate)
		}
		if at.Shape == "diurnal" && one.For != 12*time.Second {
			t.Errorf("%v: got %v, want a whole period", one, one.For)
		}
		if one.For < 3*at.Interval {
			t.Errorf("%v: %v is too short", one, one.For)
		}
	}
	for _, at := range s.lengths(home) {
		each, _ := at.shift()
		both := s.trial(at, bothPolicy, 0, 1000)
		if both.Shift != each || both.For < time.Duration(10*each)*at.Batch {
			t.Errorf("%v: got shifts of %d batches in %v", both, both.Shift, both.For)
		}
	}
	if count[batches] != 1 || count[open] != 3 || count[grid] < 4 || count[lengths] != 5 {
		t.Errorf("got %v settings", count)
	}
	if home.Operator = "join"; len(s.rest(home)) != 4 {
		t.Errorf("got %d settings of an operator without a grid, want 4", len(s.rest(home)))
	}
	if some, err := choose("open,grid"); err != nil || len(some) != 2 {
		t.Errorf("got sections %v, error %v", some, err)
	}
	if _, err := choose("x"); err == nil {
		t.Error("no error for a section that there is not")
	}
	if _, err := named("x"); err == nil {
		t.Error("no error for an operator that there is not")
	}
}

func TestProbe(t *testing.T) {
	order := short("running", continuous, nonePolicy)
	r := &running{result: result{trial: order}}
	if err := r.load(); err != nil {
		t.Fatal(err)
	}
	b := operator.NewPool[operators.Row]().Get()
	for i := range 100 {
		b.Append(operators.Row{N: int64(i)}, operator.MinTimestamp)
	}
	if err := r.sink.Write(b); err != nil {
		t.Fatal(err)
	}
	if rows, ranks := r.sink.counts(); rows != 100 || ranks != 4950 {
		t.Errorf("got %d rows of sum %d, want 100 of 4950", rows, ranks)
	}
	if _, ok := r.sink.look(); ok {
		t.Error("rows of records that have not left were timed")
	}
}

// TestReport writes what made-up results say.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	enc := json.NewEncoder(&text)
	for _, op := range []string{"running", "join"} {
		for run := range 3 {
			for i, p := range laws {
				r := result{trial: short(op, continuous, p), Seconds: 2, Records: int64(1000 * (i + 1) * (run + 1))}
				r.Run, r.Inside.P99 = run, float64(10/(i+1))
				r.Checkpoints = []saved{{Took: 100}, {Took: float64(100 * (i + 1))}}
				r.Series = []sample{{Seconds: 0.1, Records: 5}, {Seconds: 0.2, Records: 7, Saving: true}}
				if err := enc.Encode(r); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "results.jsonl"), []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := report(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "governor.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| running | governor | 3 | 3 (2 – 4) |", "| join | none | 3 | 1 (0 – 2) |",
		"| **mean of 2** | none | **3.00** | **0.30** |", "| **mean of 2** | pid | **1.50** | **0.60** |",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
	for _, name := range []string{"ratios-saturated.svg", "time-join-governor.svg"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if report(t.TempDir()) == nil {
		t.Error("no error for a directory without results")
	}
}
