package simulate

import (
	"testing"
	"time"
)

func TestE(t *testing.T) {
	goal := 500 * ms
	state := State{Touched: 100, Working: 20 << 20, Size: 200 << 20}
	sat := Load{Saturated: true}
	stateful := func(in ...int) Stage {
		return Stage{Inputs: in, Parallelism: 2, Record: 10 * µs, Batch: 50 * µs, Noise: .1, State: state}
	}
	sink := Stage{Record: 1 * µs, Batch: 20 * µs}
	to := func(s Stage, in ...int) Stage { s.Inputs = in; return s }
	chain := Flow{Stages: []Stage{{Load: sat, Record: 100}, stateful(0), stateful(1), stateful(2), stateful(3), stateful(4), stateful(5), stateful(6), stateful(7), stateful(8), to(sink, 9)}}
	join := Flow{Stages: []Stage{{Load: sat, Record: 100}, {Load: Load{Rate: 1000}, Record: 100}, stateful(0, 1), to(sink, 2)}}
	base := Checkpointing{Interval: 5 * time.Second, Capture: 10 * ms, Encode: 100e6, Disk: 200e6, Sync: 20 * ms, Slowdown: 1.2}
	a, b, c, d := base, base, base, base
	a.Slowdown = 1
	b.Encode = 0
	c.Encode, c.Slowdown = 0, 1
	d.Interval = 0
	for i, f := range []Flow{chain, join} {
		for j, ck := range []Checkpointing{base, a, b, c, d} {
			t.Log(i, j)
			for _, p := range []string{"none", "governor"} {
				spec := Spec{Flow: f}
				spec.Checkpoints, spec.Goal, spec.Warmup = ck, goal, 10*time.Second
				spec.Policy = policies(p, goal)
				r, err := Run(spec)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("  %-8s thr %.0f cv %.3f lat %v inside %v within %.2f peak %d ck %v n %d err %.2f left %d", p, r.Throughput, r.Variation, r.Latency, r.Inside, r.Within, r.InFlightPeak>>10, r.Duration(), len(r.Checkpoints), r.PredictionError, r.Left)
			}
		}
	}
}
