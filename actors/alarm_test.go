package actors

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/governor"
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
	synctest.Test(t, func(t *testing.T) {
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
	synctest.Test(t, func(t *testing.T) {
		var steps atomic.Int64
		cfg := Config{Linger: 50 * time.Millisecond, CheckpointInterval: -1}
		cfg.Policy = func() governor.Policy {
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
