package simulate

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

const (
	µs = time.Microsecond
	ms = time.Millisecond
)

func pipeline(load Load) Flow {
	return Flow{Stages: []Stage{
		{Load: load, Record: 100 * time.Nanosecond},
		{Inputs: []int{0}, Parallelism: 2, Record: 2 * µs, Batch: 20 * µs, Noise: 0.1},
		{Inputs: []int{1}, Parallelism: 2, Record: 10 * µs, Batch: 50 * µs, Noise: 0.1,
			State: State{Touched: 100, Working: 50 << 20, Size: 500 << 20}},
		{Inputs: []int{2}, Record: 1 * µs, Batch: 20 * µs},
	}}
}

func TestC(t *testing.T) {
	for _, ck := range []Checkpointing{{}, {Interval: 5 * time.Second, Capture: 10 * ms, Encode: 100e6, Disk: 200e6, Sync: 20 * ms, Slowdown: 1.2},
		{Interval: 5 * time.Second, Capture: 300 * ms, Encode: 100e6, Disk: 200e6, Sync: 20 * ms, Slowdown: 1.2},
		{Interval: 5 * time.Second, Capture: 1000 * ms, Encode: 100e6, Disk: 200e6, Sync: 20 * ms, Slowdown: 1.2}} {
		for _, load := range []Load{{Saturated: true}, {Rate: 100e3}, {Rate: 140e3, Burst: .5, Cycle: 4 * time.Second}} {
			t.Logf("ck %+v load %+v", ck, load)
			for _, p := range []string{"none", "pid", "pid1s", "governor"} {
				goal := 500 * ms
				spec := Spec{Flow: pipeline(load), Checkpoints: ck, Goal: goal, Warmup: 10 * time.Second, Policy: policies(p, goal)}
				began := time.Now()
				r, err := Run(spec)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("  %-8s thr %.0f cv %.3f lat %v inside %v within %.2f peak %d ck %v n %d err %.2f left %d  (%v)", p, r.Throughput, r.Variation, r.Latency, r.Inside, r.Within, r.InFlightPeak>>10, r.Duration(), len(r.Checkpoints), r.PredictionError, r.Left, time.Since(began))
			}
		}
	}
}

func policies(name string, goal time.Duration) func(Place) governor.Policy {
	return func(p Place) governor.Policy {
		cfg := p.Config(governor.Goals{Latency: goal})
		switch name {
		case "pid", "pid1s":
			b := time.Duration(0)
			if name == "pid1s" {
				b = time.Second
			}
			pid, err := governor.NewPID(cfg, governor.SparkGains, b)
			if err != nil {
				panic(err)
			}
			return pid
		case "governor":
			return governor.New(cfg)
		}
		return governor.Fixed(governor.DefaultWindow)
	}
}
