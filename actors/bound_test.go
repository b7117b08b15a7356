package actors

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/test/virtual"
)

// swinging is a policy whose windows change all the time.
type swinging struct {
	w governor.Window
	n int
}

func (s *swinging) Step(o *governor.Observation, d *governor.Decision) {
	s.n++
	d.Grants = d.Grants[:0]
	for range o.Channels {
		d.Grants = append(d.Grants, governor.Grant{Window: governor.Window{
			Batches: 1 + s.n%s.w.Batches, Bytes: 1 + (s.n*7919)%s.w.Bytes,
		}})
	}
}

// TestInFlightStaysInBounds watches a flow of large records with a slow end:
// what is in flight must not exceed what the job has announced.
func TestInFlightStaysInBounds(t *testing.T) {
	const n = 20_000
	for _, p := range []int{1, 3} {
		virtual.Test(t, func(t *testing.T) {
			out, seen := newLedger[int](), atomic.Int64{}
			w := governor.Window{Batches: 4, Bytes: 128 << 10}
			cfg := Config{Parallelism: p, Window: w, CheckpointInterval: 50 * time.Millisecond,
				Policy: func(governor.Config) governor.Policy { return &swinging{w: w} }}
			r := runJob(t, cfg, func(g *dataflow.Graph) {
				in := dataflow.Read(g, "in", &numbers{n: n, splits: 2})
				large := dataflow.Map(in, "large", func(i int) string {
					return strings.Repeat("x", i%3000) // up to 1.5 MB a batch
				})
				byLen := dataflow.KeyBy(dataflow.Rebalance(large), "by-length",
					func(s string) int { return len(s) % 5 })
				longest := agg.Max(func(s string) int { return len(s) })
				lens := dataflow.Map(dataflow.Rolling(byLen, "longest", longest), "slow",
					func(operator.Entry[int, int]) int {
						if seen.Add(1)%100 == 0 {
							time.Sleep(2 * time.Millisecond)
						}
						return 1
					})
				dataflow.Write(lens, "out", out)
			})
			most := int64(0)
			r.watch(time.Millisecond, func(s *Stats) { most = max(most, s.InFlight) })
			r.end(false)
			if bound := r.Bound().InFlight; most > bound {
				t.Errorf("parallelism %d: %d bytes were in flight, the bound is %d", p, most, bound)
			}
			if len(out.all()) != n {
				t.Errorf("got %d records, want %d", len(out.all()), n)
			}
		})
	}
}

// TestStatsOverAttempts counts what a flow that restarts has read, and looks
// at the stats after its end.
func TestStatsOverAttempts(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		src := &scripted{order: []string{"a"}, splits: map[string][]cue{}}
		for i := range 100 {
			src.splits["a"] = append(src.splits["a"], cue{time.Second, ev{Key: i, At: int64(i)}})
		}
		failed := false
		src.fail = func(e ev) error {
			if e.Key == 50 && !failed {
				failed = true
				return errors.New("unplugged")
			}
			return nil
		}
		var restarting []int
		cfg := Config{CheckpointInterval: time.Second, Linger: 50 * time.Millisecond}
		cfg.Events.Restarting = func(n int, _ time.Duration, _ error) { restarting = append(restarting, n) }
		r := runJob(t, cfg, func(g *dataflow.Graph) {
			in := dataflow.Read(g, "in", src, dataflow.EventTime(evTime, 0))
			byKey := dataflow.KeyBy(in, "by-key", func(e ev) int { return e.Key })
			dataflow.Write(dataflow.Rolling(byKey, "count", agg.Count[ev]()), "out",
				newLedger[operator.Entry[int, int64]]())
		})
		r.end(false)
		s := r.Stats()
		if s.Phase != Ended || s.Attempt != 2 || s.InFlight != 0 || len(restarting) != 1 {
			t.Errorf("got phase %s, attempt %d, %d bytes in flight, restarts %v",
				s.Phase, s.Attempt, s.InFlight, restarting)
		}
		in, count := s.Tasks[0], s.Tasks[1]
		if in.RecordsIn < 100 || in.RecordsIn > 102 {
			t.Errorf("read %d records, want 100 and at most two again", in.RecordsIn)
		}
		if count.Entries != 100 || count.Watermark != operator.MaxTimestamp {
			t.Errorf("at the end: %d entries, watermark %d", count.Entries, count.Watermark)
		}
		if sum := count.Busy + count.Blocked + count.Idle; sum > 105*time.Second {
			t.Errorf("%v busy, blocked or idle in a run of 100 s", sum)
		}
	})
}
