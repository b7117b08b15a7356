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

// revising expects a minute ahead of a barrier and, at it, as many nanoseconds
// as bytes are dirty; only then does it put the encoding off.
type revising struct{ delay time.Duration }

func (p revising) Step(o *governor.Observation, d *governor.Decision) {
	governor.Fixed(governor.DefaultWindow).Step(o, d)
	d.Next = estimate.Prediction{Encode: time.Minute, Samples: 1}
}

func (p revising) Revise(dirty, state int64) (estimate.Prediction, governor.Pace) {
	return estimate.Prediction{Encode: time.Duration(dirty), Capture: time.Duration(state), Samples: 1},
		governor.Pace{Delay: p.delay, Share: 0.5}
}

// TestPolicyRevisesAtTheBarrier compares what a task says was expected of a
// checkpoint with what it then wrote, and sees the revised pace kept.
func TestPolicyRevisesAtTheBarrier(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		src := &scripted{order: []string{"a"}, splits: map[string][]cue{}}
		for i := range 200 {
			src.splits["a"] = append(src.splits["a"], cue{50 * time.Millisecond, ev{Key: i}})
		}
		const delay = 300 * time.Millisecond
		cfg := Config{
			Parallelism: 1, CheckpointInterval: time.Second,
			Policy: func(governor.Config) governor.Policy { return revising{delay} },
		}
		r := runJob(t, cfg, func(g *dataflow.Graph) {
			byKey := dataflow.KeyBy(dataflow.Read(g, "in", src), "by-key", func(e ev) int { return e.Key })
			dataflow.Write(dataflow.Rolling(byKey, "count", agg.Count[ev]()), "out",
				newLedger[operator.Entry[int, int64]]())
		})
		seen, last := 0, uint64(0)
		r.watch(10*time.Millisecond, func(s *Stats) {
			for i := range s.Tasks {
				g := &s.Tasks[i].Governed
				if g.State == 0 || g.LastID == last {
					continue
				}
				last = g.LastID
				seen++
				if g.Forecast.Encode != time.Minute {
					t.Errorf("checkpoint %d: got %v ahead, want what the latest decision said", last, g.Forecast.Encode)
				}
				if k := g.Last; k.Dirty == 0 || int64(g.Predicted.Encode) != k.Dirty ||
					int64(g.Predicted.Capture) != k.State || k.Persist < delay {
					t.Errorf("checkpoint %d: got %+v at the barrier, of %+v", last, g.Predicted, k)
				}
			}
		})
		r.end(false)
		if seen < 5 {
			t.Errorf("saw %d checkpoints, want one a second", seen)
		}
	})
}
