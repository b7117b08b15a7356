package simulate

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// goal is the latency goal of the tests.
const goal = 500 * ms

// policy makes a policy by name. Spark's batch interval is a second.
func policy(
	t *testing.T, name string, goals governor.Goals, w governor.Window,
) func(Place) governor.Policy {
	return func(p Place) governor.Policy {
		cfg := p.Config(goals)
		cfg.Window = w
		switch name {
		case "governor":
			return governor.New(cfg)
		case "pid", "pid 1s":
			interval := time.Duration(0)
			if name == "pid 1s" {
				interval = time.Second
			}
			pid, err := governor.NewPID(cfg, governor.SparkGains, interval)
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		return governor.Fixed(w)
	}
}

func run(t *testing.T, name string, spec Spec) Result {
	t.Helper()
	if spec.Goal == 0 {
		spec.Goal = goal
	}
	if spec.Window == (governor.Window{}) {
		spec.Window = governor.DefaultWindow
	}
	spec.Policy = policy(t, name, governor.Goals{Latency: spec.Goal}, spec.Window)
	r, err := Run(spec)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var (
	saturated = Load{Saturated: true}
	state     = State{Touched: 100, Working: 20 << 20, Size: 200 << 20}
	usual     = Checkpointing{
		Interval: 5 * time.Second, Capture: 10 * ms, Encode: 100e6, Disk: 200e6, Sync: 20 * ms,
		Slowdown: 1.2,
	}
)

func read(l Load) Stage { return Stage{Load: l, Record: 100 * time.Nanosecond} }

func stateful(inputs ...int) Stage {
	return Stage{
		Inputs: inputs, Parallelism: 2, Record: 10 * us, Batch: 50 * us, Noise: 0.1, State: state,
	}
}

func write(input int) Stage {
	return Stage{Inputs: []int{input}, Record: us, Batch: 20 * us}
}

func pipeline(l Load) Flow {
	cheap := Stage{Inputs: []int{0}, Parallelism: 2, Record: 2 * us, Batch: 20 * us, Noise: 0.1}
	return Flow{Stages: []Stage{read(l), cheap, stateful(1), write(2)}}
}

func diamond(l Load) Flow {
	return Flow{Stages: []Stage{read(l), stateful(0), stateful(0), stateful(1, 2), write(3)}}
}

func join(left, right Load) Flow {
	return Flow{Stages: []Stage{read(left), read(right), stateful(0, 1), write(2)}}
}

func hot(l Load, part float64) Flow {
	s := stateful(0)
	s.Parallelism, s.Hot = 4, part
	return Flow{Stages: []Stage{read(l), s, write(1)}}
}

func chain(l Load, n int) Flow {
	f := Flow{Stages: []Stage{read(l)}}
	for i := range n {
		f.Stages = append(f.Stages, stateful(i))
	}
	f.Stages = append(f.Stages, write(n))
	return f
}

func slowSink(l Load, pauses ...Pause) Flow {
	sink := Stage{Inputs: []int{1}, Record: 8 * us, Pauses: pauses}
	return Flow{Stages: []Stage{read(l), stateful(0), sink}}
}

// TestSaturated compares the governor with fixed windows where both are given
// more than they can take.
func TestSaturated(t *testing.T) {
	long := usual
	long.Capture = time.Second
	tests := []struct {
		name        string
		flow        Flow
		checkpoints Checkpointing
		throughput  float64 // of that with fixed windows, at least
		latency     float64 // p99, likewise, at most
	}{
		{"pipeline", pipeline(saturated), usual, 0.97, 0.5},
		{"no checkpoints", pipeline(saturated), Checkpointing{}, 0.985, 0.5},
		{"a second's stall", pipeline(saturated), long, 0.97, 1},
		{"diamond", diamond(saturated), usual, 0.97, 0.5},
		{"join with one idle side", join(saturated, Load{}), usual, 0.97, 0.5},
		{"join with one slow side", join(saturated, Load{Rate: 1000}), usual, 0.97, 0.5},
		{"hot key", hot(saturated, 0.6), usual, 0.97, 0.5},
		{"slow sink", slowSink(saturated), usual, 0.97, 0.5},
		// Each of ten stages has a tenth of the goal: too little to even out
		// that they encode at different times.
		{"chain of ten", chain(saturated, 10), usual, 0.87, 0.5},
	}
	for _, test := range tests {
		if testing.Short() && len(test.flow.Stages) > 4 {
			continue
		}
		spec := Spec{Flow: test.flow, Checkpoints: test.checkpoints, Warmup: 10 * time.Second}
		none, gov := run(t, "none", spec), run(t, "governor", spec)
		if testing.Verbose() {
			report(t, test.name, map[string]Result{
				"none": none, "pid": run(t, "pid", spec), "pid 1s": run(t, "pid 1s", spec),
				"governor": gov,
			})
		}
		if gov.Throughput < test.throughput*none.Throughput {
			t.Errorf("%s: %.0f records/s, want %v of %.0f", test.name,
				gov.Throughput, test.throughput, none.Throughput)
		}
		if limit := seconds(test.latency * none.Inside.P99.Seconds()); gov.Inside.P99 > limit {
			t.Errorf("%s: p99 %v, want at most %v", test.name, gov.Inside.P99, limit)
		}
		if test.checkpoints.Capture < goal && gov.Within < 0.99 {
			t.Errorf("%s: the goal is kept in %.0f%% of the samples", test.name, 100*gov.Within)
		}
		if gov.PredictionError > 0.2 {
			t.Errorf("%s: predictions are %.0f%% off", test.name, 100*gov.PredictionError)
		}
	}
}

// report prints results, with -v.
func report(t *testing.T, name string, results map[string]Result) {
	for _, policy := range []string{"none", "pid", "pid 1s", "governor"} {
		r := results[policy]
		t.Logf("%-24s %-8s %7.0f/s  inside p50 %4v p99 %5v  within %3.0f%%  checkpoint %5v  peak %5d KiB",
			name, policy, r.Throughput, r.Inside.P50.Round(ms), r.Inside.P99.Round(ms), 100*r.Within,
			r.Duration().Round(ms), r.InFlightPeak>>10)
	}
}

func TestCheckpointsAreShorter(t *testing.T) {
	for name, f := range map[string]Flow{"pipeline": pipeline(saturated), "hot key": hot(saturated, 0.6)} {
		spec := Spec{Flow: f, Checkpoints: usual, Warmup: 10 * time.Second}
		none, gov := run(t, "none", spec), run(t, "governor", spec)
		if gov.Duration() > none.Duration()/2 {
			t.Errorf("%s: checkpoints take %v, want at most half of %v", name, gov.Duration(), none.Duration())
		}
	}
}

// TestLoads gives flows input that they can take on average.
func TestLoads(t *testing.T) {
	comes := hot(Load{Rate: 120e3}, 0)
	comes.Stages[1].HotAt, comes.Stages[1].HotThen = 30*time.Second, 0.4
	tests := []struct {
		name string
		flow Flow
	}{
		{"constant", pipeline(Load{Rate: 100e3})},
		{"bursts", pipeline(Load{Rate: 80e3, Burst: 0.25, Cycle: 4 * time.Second})},
		{"diurnal", pipeline(Load{Rate: 100e3, Swing: 0.8, Cycle: 20 * time.Second})},
		{"a step", pipeline(Load{Rate: 40e3, StepAt: 30 * time.Second, Step: 3})},
		{"a hot key comes", comes},
		{"trickle", pipeline(Load{Rate: 50})},
	}
	for _, test := range tests {
		spec := Spec{Flow: test.flow, Checkpoints: usual, Warmup: 10 * time.Second}
		none, gov := run(t, "none", spec), run(t, "governor", spec)
		if gov.Throughput < 0.99*none.Throughput || gov.Within < 0.99 {
			t.Errorf("%s: %.0f records/s, the goal kept in %.0f%%, want %.0f and 99%%",
				test.name, gov.Throughput, 100*gov.Within, none.Throughput)
		}
		if gov.Latency.P99 > none.Latency.P99+100*ms {
			t.Errorf("%s: p99 %v from arrival, want about %v", test.name, gov.Latency.P99, none.Latency.P99)
		}
	}
}

func TestNothingToGovern(t *testing.T) {
	spec := Spec{Flow: pipeline(saturated), Checkpoints: usual, Duration: 20 * time.Second}
	fixed, err := Run(spec)
	if err != nil {
		t.Fatal(err)
	}
	spec.Policy = policy(t, "governor", governor.Goals{}, governor.DefaultWindow)
	free, err := Run(spec)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(free.Throughput/fixed.Throughput-1) > 0.002 || free.InFlightPeak != fixed.InFlightPeak {
		t.Errorf("without goals: %.0f records/s, peak %d, want %.0f, %d as with fixed windows",
			free.Throughput, free.InFlightPeak, fixed.Throughput, fixed.InFlightPeak)
	}
}

// TestAllRecordsLeave looks for deadlocks: whatever the topology, the policy and
// the windows, all that was read arrives.
func TestAllRecordsLeave(t *testing.T) {
	burst := Load{Rate: 50e3, Burst: 0.2, Cycle: time.Second}
	flows := map[string]Flow{
		"pipeline": pipeline(saturated), "diamond": diamond(saturated),
		"join, one side idle": join(saturated, Load{}), "join, one in bursts": join(saturated, burst),
		"hot key": hot(saturated, 1), "chain": chain(saturated, 5),
		"sink that hangs": slowSink(saturated, Pause{time.Second, 2 * time.Second}),
	}
	often := usual
	often.Interval = 300 * ms
	for name, f := range flows {
		for _, p := range []string{"none", "pid", "governor"} {
			for _, w := range []governor.Window{{Batches: 1, Bytes: 1}, governor.DefaultWindow} {
				spec := Spec{
					Flow: f, Checkpoints: often, Duration: 4 * time.Second, Window: w, Lose: 0.3,
					Goal: 50 * ms,
				}
				r := run(t, p, spec)
				if r.Left != 0 || r.Gone != r.Read*paths(f) || r.Read == 0 {
					t.Errorf("%s, %s, windows %v: %d read, %d arrived, %d left behind",
						name, p, w, r.Read, r.Gone, r.Left)
				}
				if len(r.Checkpoints) == 0 {
					t.Errorf("%s, %s, windows %v: no checkpoint was completed", name, p, w)
				}
			}
		}
	}
}

// paths is the number of ways from a source to the sink.
func paths(f Flow) int64 {
	ways := make([]int64, len(f.Stages))
	for i, s := range f.Stages {
		for _, in := range s.Inputs {
			ways[i] += max(1, ways[in])
		}
	}
	last := ways[len(ways)-1]
	for i, s := range f.Stages { // of one source, if there are several
		if i > 0 && len(s.Inputs) == 0 {
			last--
		}
	}
	return last
}

// TestStability disturbs a steady flow and wants the windows to settle.
func TestStability(t *testing.T) {
	storm := usual
	storm.Interval, storm.Burst, storm.BurstBy = time.Second, 0.3, 10
	tests := []struct {
		name        string
		checkpoints Checkpointing
		lose        float64
	}{
		{"nothing", Checkpointing{}, 0},
		{"checkpoints", usual, 0},
		{"half of the observations lost", usual, 0.5},
		{"a storm of checkpoints", storm, 0},
	}
	for _, test := range tests {
		r := run(t, "governor", Spec{
			Flow: pipeline(saturated), Checkpoints: test.checkpoints, Lose: test.lose,
			Warmup: 10 * time.Second,
		})
		if v := swing(r); v > 0.3 {
			t.Errorf("%s: windows vary by %.2f of their mean, want less than 0.3", test.name, v)
		}
		if r.Within < 0.98 {
			t.Errorf("%s: the goal is kept in %.0f%% of the samples", test.name, 100*r.Within)
		}
	}
}

// swing is the coefficient of variation of the credits after warm-up.
func swing(r Result) float64 {
	var sum, squares, n float64
	for _, s := range r.Series[10:] {
		c := float64(s.Credits)
		n, sum, squares = n+1, sum+c, squares+c*c
	}
	mean := sum / n
	return math.Sqrt(max(0, squares/n-mean*mean)) / mean
}

func TestTenThousandTasks(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	f := Flow{Stages: []Stage{{Load: Load{Rate: 20 * float64(n)}, Parallelism: n, Record: 100}}}
	for i := range 9 {
		s := Stage{
			Inputs: []int{i}, Parallelism: n, Forward: true, Record: 10 * us, Batch: 50 * us,
			State: State{Touched: 100, Working: 1 << 20, Size: 1 << 20},
		}
		f.Stages = append(f.Stages, s)
	}
	k := usual
	k.Interval, k.Disk, k.Sync = 400*ms, 20e9, ms
	r := run(t, "governor", Spec{Flow: f, Checkpoints: k, Duration: time.Second})
	if r.Left != 0 || r.Read != r.Gone || r.Within < 1 || len(r.Checkpoints) == 0 {
		t.Errorf("%d read, %d arrived, %d left, %d checkpoints, the goal kept in %.0f%%",
			r.Read, r.Gone, r.Left, len(r.Checkpoints), 100*r.Within)
	}
}

func TestSameSeedSameResult(t *testing.T) {
	spec := Spec{Flow: diamond(saturated), Checkpoints: usual, Duration: 12 * time.Second, Lose: 0.1}
	a, b := run(t, "governor", spec), run(t, "governor", spec)
	if !reflect.DeepEqual(a, b) {
		t.Error("two runs of one specification differ")
	}
	spec.Seed = 1
	if c := run(t, "governor", spec); reflect.DeepEqual(a, c) {
		t.Error("another seed gives the same run")
	}
}

func TestRunRefusesImpossibleFlows(t *testing.T) {
	tests := map[string]Flow{
		"no stages":  {},
		"forwards":   {Stages: []Stage{{Inputs: []int{0}}}},
		"negative":   {Stages: []Stage{{Load: Load{Rate: -1}}}},
		"dissimilar": {Stages: []Stage{{Parallelism: 2}, {Inputs: []int{0}, Parallelism: 3, Forward: true}}},
	}
	for name, f := range tests {
		if _, err := Run(Spec{Flow: f}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHistogramQuantiles(t *testing.T) {
	var h histogram
	for i := 1; i <= 1000; i++ {
		h.add(time.Duration(i)*ms, 1)
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * ms, 0.99: 990 * ms, 0.999: 999 * ms} {
		if got := h.quantile(q); got < want || float64(got) > 1.04*float64(want) {
			t.Errorf("quantile %v: got %v, want %v or a little more", q, got, want)
		}
	}
	if h.most != time.Second {
		t.Errorf("got a maximum of %v, want 1 s", h.most)
	}
}

func ExampleRun() {
	flow := Flow{Stages: []Stage{
		{Load: Load{Rate: 50e3}, Record: 100 * time.Nanosecond},
		{Inputs: []int{0}, Parallelism: 2, Record: 10 * time.Microsecond},
	}}
	r, err := Run(Spec{Flow: flow, Duration: 10 * time.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f records/s, %d left behind\n", r.Throughput, r.Left)
	// Output: 50000 records/s, 0 left behind
}
