package actors

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/test/virtual"
)

// windowed counts the records of src in windows of a second; late ones go to
// a ledger of their own.
func windowed(
	src *scripted, opts ...dataflow.ReadOption[ev],
) (out *ledger[window.Pane[int, int64]], late *ledger[ev], build func(*dataflow.Graph)) {
	out, late = newLedger[window.Pane[int, int64]](), newLedger[ev]()
	return out, late, func(g *dataflow.Graph) {
		in := dataflow.Read(g, "in", src, append(opts, dataflow.EventTime(evTime, 0))...)
		byKey := dataflow.KeyBy(in, "by-key", func(e ev) int { return e.Key })
		w := dataflow.Window(byKey, window.Tumbling(time.Second))
		dataflow.Write(dataflow.Aggregate(w, "count", agg.Count[ev]()), "out", out)
		dataflow.Write(dataflow.Late(w, "late"), "late-out", late)
	}
}

// total is the number of records in all panes.
func total(panes []window.Pane[int, int64]) (n int64) {
	for _, p := range panes {
		n += p.Value
	}
	return n
}

// TestIdleAndEndedSplits has one split end and another fall silent, then go
// on: what it goes on with is not late.
func TestIdleAndEndedSplits(t *testing.T) {
	for _, p := range []int{1, 2, 3} { // with 3 a subtask has no split at all
		virtual.Test(t, func(t *testing.T) {
			src := &scripted{order: []string{"a", "b"}, splits: map[string][]cue{
				"a": {{ev: ev{At: 100}}},
				"b": {{ev: ev{At: 200}}, {time.Minute, ev{At: 300}}, {time.Minute, ev{At: 1300}}},
			}}
			out, late, build := windowed(src, dataflow.Idle[ev](time.Second))
			runJob(t, Config{Parallelism: p}, build).end(false)
			if got := late.all(); len(got) > 0 {
				t.Errorf("parallelism %d: %v came late", p, got)
			}
			if got := total(out.all()); got != 4 {
				t.Errorf("parallelism %d: got %d records in windows, want 4", p, got)
			}
		})
	}
}

// TestSilentSplitIsPassedBy has one split that never ends and says nothing
// more: with Idle, neither the records of another nor event time wait for it.
func TestSilentSplitIsPassedBy(t *testing.T) {
	for _, p := range []int{1, 2} {
		virtual.Test(t, func(t *testing.T) {
			src := &scripted{order: []string{"a", "b"}, endless: true, splits: map[string][]cue{
				"a": {{ev: ev{At: 100}}},
			}}
			for i := range 10 {
				src.splits["b"] = append(src.splits["b"],
					cue{2 * time.Second, ev{At: int64(i) * 1000}})
			}
			out, late, build := windowed(src, dataflow.Idle[ev](5*time.Second))
			r := runJob(t, Config{Parallelism: p, CheckpointInterval: time.Second}, build)
			time.Sleep(time.Minute) // of the bubble
			if got := total(out.all()); got != 10 {
				t.Errorf("parallelism %d: got %d records in windows that are over, want 10", p, got)
			}
			if got := late.all(); len(got) > 0 {
				t.Errorf("parallelism %d: %v came late", p, got)
			}
			r.end(true)
		})
	}
}

// TestGrowingSourceWithIdleSubtask has more subtasks than splits: those
// without one do not hold event time back.
func TestGrowingSourceWithIdleSubtask(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		src := &scripted{order: []string{"a"}, endless: true, grows: true, splits: map[string][]cue{
			"a": {{ev: ev{At: 100}}, {time.Second, ev{At: 5000}}},
		}}
		out, _, build := windowed(src)
		r := runJob(t, Config{Parallelism: 3, CheckpointInterval: time.Second}, build)
		time.Sleep(time.Minute)
		if got := total(out.all()); got != 1 {
			t.Errorf("got %d records in windows that are over, want 1", got)
		}
		r.end(true)
	})
}
