package actors

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/test/virtual"
)

// reminder emits each record again ten seconds later, in processing time.
type reminder struct{ last dataflow.Value[ev] }

func newReminder() *reminder { return &reminder{dataflow.NewValue[ev]("last")} }

func (r *reminder) Process(c *dataflow.Context[int, ev], e ev) error {
	c.SetProcessingTimer(c.Now().Add(10 * time.Second))
	return r.last.Set(c, e)
}

func (r *reminder) OnProcessingTimer(c *dataflow.Context[int, ev], _ time.Time) error {
	e, err := r.last.Get(c)
	c.Emit(e)
	return err
}

// TestProcessingTimerInSilence sets timers in a step that emits nothing and
// whose input then falls silent: they fire nevertheless, and those of a step
// that is restored do too.
func TestProcessingTimerInSilence(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		out, dir := newLedger[ev](), t.TempDir()
		build := func(g *dataflow.Graph) {
			src := &scripted{order: []string{"a"}, endless: true, splits: map[string][]cue{
				"a": {{0, ev{Key: 1}}, {time.Second, ev{Key: 2}}, {time.Minute, ev{Key: 3}}},
			}}
			byKey := dataflow.KeyBy(dataflow.Read(g, "in", src), "by-key", func(e ev) int { return e.Key })
			dataflow.Write(dataflow.Process(byKey, "remind", newReminder), "out", out)
		}
		cfg := Config{Dir: dir, CheckpointInterval: time.Second}
		r := runJob(t, cfg, build)
		time.Sleep(15 * time.Second)
		if got := out.all(); len(got) != 2 {
			t.Errorf("after 15 s: got %v, want two reminders", got)
		}
		time.Sleep(50 * time.Second)
		r.end(true)
		r = runJob(t, cfg, build)
		time.Sleep(15 * time.Second)
		if got := out.all(); len(got) != 3 {
			t.Errorf("after a restart: got %v, want three reminders", got)
		}
		r.end(true)
	})
}

// TestProcessingTimeWindowsInSilence has windows fire by the clock although no
// record comes, and one whose end passes while the job is down as it is back.
func TestProcessingTimeWindowsInSilence(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		out, dir := newLedger[dataflow.Pane[int, int64]](), t.TempDir()
		build := func(g *dataflow.Graph) {
			src := &scripted{order: []string{"a"}, endless: true, splits: map[string][]cue{
				"a": {{time.Second, ev{Key: 1}}, {11 * time.Second, ev{Key: 2}}},
			}}
			byKey := dataflow.KeyBy(dataflow.Read(g, "in", src), "by-key", func(e ev) int { return e.Key })
			w := dataflow.Window(byKey, window.Tumbling(10*time.Second).ProcessingTime())
			dataflow.Write(dataflow.Aggregate(w, "count", agg.Count[ev]()), "out", out)
		}
		cfg := Config{Dir: dir, CheckpointInterval: time.Second}
		expect := func(when string, keys ...int) {
			t.Helper()
			var got []int
			for _, p := range out.all() {
				got = append(got, p.Key)
				if second := p.End.Second(); second != 10*p.Key || p.Value != 1 {
					t.Errorf("%s: got %+v, want one record until second %d", when, p, 10*p.Key)
				}
			}
			if slices.Sort(got); !slices.Equal(got, keys) {
				t.Errorf("%s: got windows of the keys %v, want %v", when, got, keys)
			}
		}
		r := runJob(t, cfg, build)
		time.Sleep(9 * time.Second)
		expect("before the first window ends")
		time.Sleep(8 * time.Second)
		r.end(true)
		expect("after the first window and a stop", 1)
		time.Sleep(time.Minute)
		r = runJob(t, cfg, build)
		time.Sleep(2 * time.Second)
		expect("after a restart", 1, 2)
		r.end(true)
	})
}

// counting is a policy that counts the periods it is told of.
type counting struct {
	governor.Policy
	steps *atomic.Int64
}

func (c counting) Step(o *governor.Observation, d *governor.Decision) {
	c.steps.Add(1)
	c.Policy.Step(o, d)
}

// TestClockDoesNotPileUp has a task stay inside user code for ten minutes: the
// clock's messages must not fill its mailbox meanwhile.
func TestClockDoesNotPileUp(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		var steps atomic.Int64
		cfg := Config{Linger: 50 * time.Millisecond, CheckpointInterval: -1}
		cfg.Policy = func(c governor.Config) governor.Policy {
			if c.Task == 0 { // the source is free
				return governor.Fixed(governor.DefaultWindow)
			}
			return counting{governor.Fixed(governor.DefaultWindow), &steps}
		}
		out := newLedger[int]()
		r := runJob(t, cfg, func(g *dataflow.Graph) {
			in := dataflow.Read(g, "in", &numbers{n: 1, splits: 1})
			long := dataflow.Map(dataflow.Rebalance(in), "long", func(i int) int {
				time.Sleep(10 * time.Minute)
				return i
			})
			dataflow.Write(long, "out", out)
		})
		r.end(false)
		if n := steps.Load(); n > 10 {
			t.Errorf("%d messages of the clock's waited for the task, want a few", n)
		}
	})
}
