package simulate

import (
	"testing"
	"time"
)

func TestS(t *testing.T) {
	ck := Checkpointing{Interval: 5 * time.Second, Capture: 10 * ms, Encode: 100e6, Disk: 200e6, Sync: 20 * ms, Slowdown: 1.2}
	goal := 500 * ms
	state := State{Touched: 100, Working: 20 << 20, Size: 200 << 20}
	sat := Load{Saturated: true}
	stateful := func(in ...int) Stage {
		return Stage{Inputs: in, Parallelism: 2, Record: 10 * µs, Batch: 50 * µs, Noise: .1, State: state}
	}
	sink := Stage{Record: 1 * µs, Batch: 20 * µs}
	to := func(s Stage, in ...int) Stage { s.Inputs = in; return s }
	cases := map[string]Spec{
		"diamond":        {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100}, stateful(0), stateful(0), stateful(1, 2), to(sink, 3)}}},
		"join idle side": {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100}, {Load: Load{}, Record: 100}, stateful(0, 1), to(sink, 2)}}},
		"join slow side": {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100}, {Load: Load{Rate: 1000}, Record: 100}, stateful(0, 1), to(sink, 2)}}},
		"filter":         {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100}, {Inputs: []int{0}, Record: 2 * µs, Batch: 20 * µs, Selectivity: -1}, stateful(1), to(sink, 2)}}},
		"flatmap":        {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100}, {Inputs: []int{0}, Record: 2 * µs, Batch: 20 * µs, Selectivity: 10}, stateful(1), to(sink, 2)}}},
		"hot key":        {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100}, func() Stage { s := stateful(0); s.Parallelism = 4; s.Hot = .6; return s }(), to(sink, 1)}}},
		"hot key comes": {Flow: Flow{Stages: []Stage{{Load: Load{Rate: 120e3}, Record: 100}, func() Stage {
			s := stateful(0)
			s.Parallelism = 4
			s.HotThen = .4
			s.HotAt = 30 * time.Second
			return s
		}(), to(sink, 1)}}},
		"slow sink": {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100}, stateful(0), {Inputs: []int{1}, Record: 20 * µs}}}},
		"sink stalls 10s": {Flow: Flow{Stages: []Stage{{Load: Load{Rate: 100e3}, Record: 100}, stateful(0), func() Stage {
			s := to(sink, 1)
			s.Pauses = []Pause{{20 * time.Second, 10 * time.Second}, {40 * time.Second, 10 * time.Second}}
			return s
		}()}}},
		"step load":            {Flow: pipeline(Load{Rate: 50e3, StepAt: 30 * time.Second, Step: 8})},
		"diurnal":              {Flow: pipeline(Load{Rate: 150e3, Swing: .8, Cycle: 20 * time.Second})},
		"fan in 50":            {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100, Parallelism: 50}, stateful(0), to(sink, 1)}}},
		"slow operator":        {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100, Parallelism: 2}, {Inputs: []int{0}, Parallelism: 2, Record: time.Millisecond, State: state}, to(sink, 1)}}},
		"slow operator, fixed": {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100, Parallelism: 2}, {Inputs: []int{0}, Parallelism: 2, Record: 10 * µs, Batch: 20 * ms, State: state}, to(sink, 1)}}},
		"chain of 10":          {Flow: Flow{Stages: []Stage{{Load: sat, Record: 100}, stateful(0), stateful(1), stateful(2), stateful(3), stateful(4), stateful(5), stateful(6), stateful(7), stateful(8), to(sink, 9)}}},
	}
	c10 := cases["chain of 10"]
	c10.Lose = -1
	cases["chain of 10 no ck"] = c10
	for name, spec := range cases {
		t.Log(name)
		for _, p := range []string{"none", "pid", "governor"} {
			spec.Checkpoints, spec.Goal, spec.Warmup = ck, goal, 10*time.Second
			if spec.Lose < 0 {
				spec.Checkpoints = Checkpointing{}
			}
			spec.Policy = policies(p, goal)
			r, err := Run(spec)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("  %-8s thr %.0f cv %.3f lat %v inside %v within %.2f peak %d ck %v n %d err %.2f left %d", p, r.Throughput, r.Variation, r.Latency, r.Inside, r.Within, r.InFlightPeak>>10, r.Duration(), len(r.Checkpoints), r.PredictionError, r.Left)
		}
	}
}
