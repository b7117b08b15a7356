package actors

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/governor/estimate"
	"github.com/flyball-stream/flyball/test/virtual"
)

// unhurried is a policy of small windows that puts the encoding off.
type unhurried struct{ revising }

func (p unhurried) Step(o *governor.Observation, d *governor.Decision) {
	governor.Fixed(governor.Window{Batches: 2, Bytes: 1 << 20}).Step(o, d)
}

// TestRelax has checkpoints take 0.8 of their interval. Only where records wait, and the
// configuration says so, do they come every 1.6 intervals.
func TestRelax(t *testing.T) {
	const interval, takes, runs = time.Second, 800 * time.Millisecond, 60 * time.Second
	for _, test := range []struct {
		name        string
		relax       bool
		work, every time.Duration // of a record
		least, most int64         // checkpoints
	}{
		{"records wait", true, 10 * time.Millisecond, 5 * time.Millisecond, 33, 42},
		{"they need not", false, 10 * time.Millisecond, 5 * time.Millisecond, 55, 62},
		{"none waits", true, 0, 10 * time.Millisecond, 55, 62},
	} {
		virtual.Test(t, func(t *testing.T) {
			src := &scripted{order: []string{"a"}, splits: map[string][]cue{}}
			for i := range int(runs / (10 * time.Millisecond)) {
				src.splits["a"] = append(src.splits["a"], cue{test.every, ev{Key: i % 100}})
			}
			cfg := Config{
				Parallelism: 1, CheckpointInterval: interval, Relax: test.relax,
				Policy: func(governor.Config) governor.Policy { return unhurried{revising{takes}} },
			}
			r := runJob(t, cfg, func(g *dataflow.Graph) {
				byKey := dataflow.KeyBy(dataflow.Read(g, "in", src), "by-key", func(e ev) int { return e.Key })
				slow := dataflow.Map(dataflow.Rolling(byKey, "count", agg.Count[ev]()), "slow",
					func(e operator.Entry[int, int64]) int {
						time.Sleep(test.work)
						return e.Key
					})
				dataflow.Write(slow, "out", newLedger[int]())
			})
			bounds := map[governor.IntervalBound]bool{}
			r.watch(100*time.Millisecond, func(s *Stats) { bounds[s.Schedule.Bound] = true })
			r.end(false)
			if n := r.Stats().Checkpoints.Completed; n < test.least || n > test.most {
				t.Errorf("%s: %d checkpoints in %v, want %d to %d", test.name, n, runs, test.least, test.most)
			}
			if got, want := bounds[governor.IntervalShare], test.relax && test.work > 0; got != want {
				t.Errorf("%s: checkpoints bound by their share: %v, want %v", test.name, got, want)
			}
		})
	}
}

// thorough is a policy that takes three seconds to encode most of the state, and no time for less.
type thorough struct{ unhurried }

func (p thorough) Revise(dirty, state int64) (n estimate.Prediction, pace governor.Pace) {
	if pace.Share = 0.5; 2*dirty > state {
		pace.Delay = 3 * time.Second
	}
	return n, pace
}

// TestSavepointIsNoMeasure takes a savepoint, which saves what has not changed as well: the
// tasks are told so, and the checkpoints after it come no later for it.
func TestSavepointIsNoMeasure(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		src := &scripted{order: []string{"a"}, splits: map[string][]cue{}}
		for i := range 2500 {
			src.splits["a"] = append(src.splits["a"], cue{5 * time.Millisecond, ev{Key: max(0, 100-i)}})
		}
		cfg := Config{
			Parallelism: 1, CheckpointInterval: time.Second, Relax: true,
			Policy: func(governor.Config) governor.Policy { return thorough{} },
		}
		r := runJob(t, cfg, func(g *dataflow.Graph) {
			byKey := dataflow.KeyBy(dataflow.Read(g, "in", src), "by-key", func(e ev) int { return e.Key })
			slow := dataflow.Map(dataflow.Rolling(byKey, "count", agg.Count[ev]()), "slow",
				func(e operator.Entry[int, int64]) int {
					time.Sleep(10 * time.Millisecond)
					return e.Key
				})
			dataflow.Write(slow, "out", newLedger[int]())
		})
		bound := func(after time.Duration) governor.IntervalBound {
			time.Sleep(after)
			return r.Stats().Schedule.Bound
		}
		if got := bound(5 * time.Second); got != governor.IntervalShare {
			t.Errorf("after a checkpoint of all: got %v, want twice as long as it took", got)
		}
		if got := bound(7 * time.Second); got != governor.IntervalFixed {
			t.Errorf("after checkpoints of little: got %v, want the interval asked for", got)
		}
		began := time.Now()
		if _, err := r.Savepoint(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 3*time.Second {
			t.Errorf("the savepoint took %v, as if it were of what has changed alone", took)
		}
		if got := bound(500 * time.Millisecond); got != governor.IntervalFixed {
			t.Errorf("after the savepoint: got %v, want the interval asked for", got)
		}
		r.end(false)
	})
}
