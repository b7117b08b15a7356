package actors

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/test/virtual"
)

// slowCount counts 60 records for each of 10 keys, 50 records a second a split, in
// two splits.
func slowCount(out dataflow.Sink[operator.Entry[int, int64]]) func(g *dataflow.Graph) {
	src := &scripted{order: []string{"0", "1"}, splits: map[string][]cue{}}
	for i := range 600 {
		id := src.order[i%2]
		src.splits[id] = append(src.splits[id], cue{20 * time.Millisecond, ev{Key: i % 10, N: i}})
	}
	return func(g *dataflow.Graph) {
		in := dataflow.Read(g, "in", src)
		byKey := dataflow.KeyBy(in, "by-key", func(e ev) int { return e.Key })
		dataflow.Write(dataflow.Rolling(byKey, "count", agg.Count[ev]()), "out", out)
	}
}

// wantCounts checks that got are the counts from..60 of every key, each once.
func wantCounts(t *testing.T, got []operator.Entry[int, int64], total int) {
	t.Helper()
	seen := map[operator.Entry[int, int64]]int{}
	for _, e := range got {
		if seen[e]++; seen[e] > 1 {
			t.Errorf("count %v came %d times", e, seen[e])
		}
	}
	if len(seen) != total {
		t.Errorf("got %d counts, want %d", len(seen), total)
	}
	for k := range 10 {
		if last := (operator.Entry[int, int64]{Key: k, Value: 60}); seen[last] == 0 {
			t.Errorf("%v is missing", last)
		}
	}
}

// TestSavepoint takes one in the middle of a run that goes on to its end,
// with retention forgetting everything else, and begins other runs from it.
func TestSavepoint(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		dir, id := t.TempDir(), uint64(0)
		first := newLedger[operator.Entry[int, int64]]()
		cfg := Config{Dir: dir, Parallelism: 2, CheckpointInterval: 200 * time.Millisecond, Retain: 1}
		var before int
		r := runJob(t, cfg, slowCount(first))
		time.Sleep(2 * time.Second)
		id, err := r.Savepoint(t.Context(), "half-way")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		before = len(first.all())
		r.end(false)
		wantCounts(t, first.all(), 600)

		for _, p := range []int{2, 1, 3} {
			out := newLedger[operator.Entry[int, int64]]()
			out.lenient = true // the savepoint's tokens are another ledger's
			cfg.From, cfg.Parallelism = id, p
			restored := uint64(0)
			cfg.Events.Restored = func(id uint64, _ time.Time) { restored = id }
			runJob(t, cfg, slowCount(out)).end(false)
			wantCounts(t, out.all(), 600-before)
			if restored != id {
				t.Errorf("parallelism %d: restored checkpoint %d, want %d", p, restored, id)
			}
		}
	})
}

// TestSavepointOfNothing asks for savepoints when there is nothing to save:
// before the run, after it, and all the time while it starts, restarts and
// ends. Each is answered.
func TestSavepointOfNothing(t *testing.T) {
	failed := false
	src := &numbers{n: 50_000, splits: 1, fail: func(i int) error {
		if i > 30_000 && !failed {
			failed = true
			return fmt.Errorf("unplugged")
		}
		return nil
	}}
	out := newLedger[operator.Entry[int, int64]]()
	j := newJob(t, Config{Parallelism: 2, CheckpointInterval: time.Millisecond},
		func(g *dataflow.Graph) {
			in := dataflow.Read(g, "in", src)
			byMod := dataflow.KeyBy(in, "by-mod", func(i int) int { return i % 1000 })
			dataflow.Write(dataflow.Rolling(byMod, "count", agg.Count[int]()), "out", out)
		})
	defer j.Close()
	ask := func() error {
		_, err := j.Savepoint(context.Background(), "now")
		return err
	}
	if err := ask(); err == nil || !strings.Contains(err.Error(), "not running") {
		t.Errorf("before the run: got %v, want that it is not running", err)
	}
	stop, asked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(asked)
		for {
			select {
			case <-stop:
				return
			default:
				ask() // the error depends on when it is
			}
		}
	}()
	if err := j.Run(t.Context()); err != nil {
		t.Error(err)
	}
	close(stop)
	<-asked
	if err := ask(); err == nil || !strings.Contains(err.Error(), "not running") {
		t.Errorf("after the run: got %v, want that it is not running", err)
	}
	if got := len(out.all()); got != 50_000 {
		t.Errorf("got %d counts, want 50000", got)
	}
}
