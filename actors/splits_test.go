package actors

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/test/virtual"
)

// TestManySplitsInOrder reads far more splits than are open side by side,
// each later in event time than the one before, with names that sort
// otherwise: no record is late, also after failures and at another
// parallelism.
func TestManySplitsInOrder(t *testing.T) {
	for _, p := range []int{1, 2} {
		virtual.Test(t, func(t *testing.T) {
			const splits, each = 200, 5
			src := &scripted{splits: map[string][]cue{}}
			for i := range splits {
				id := fmt.Sprint("part ", i)
				src.order = append(src.order, id)
				for k := range each {
					src.splits[id] = append(src.splits[id],
						cue{time.Millisecond, ev{Key: k, At: int64(i*1000 + k)}})
				}
			}
			failAt := 40
			src.fail = func(e ev) error {
				if int(e.At/1000) < failAt {
					return nil
				}
				failAt += 50
				return errors.New("unplugged")
			}
			out, late, build := windowed(src)
			dir := t.TempDir()
			for run := range 3 {
				cfg := Config{Dir: dir, Parallelism: p + run%2, Linger: time.Millisecond,
					CheckpointInterval: 5 * time.Millisecond}
				cfg.Restart.Backoff = time.Millisecond
				r := runJob(t, cfg, build)
				if run < 2 {
					time.Sleep(40 * time.Millisecond)
					r.halt()
				} else {
					r.end(false)
				}
			}
			time.Sleep(2 * time.Second)
			if got := late.all(); len(got) > 0 {
				t.Errorf("parallelism %d: %d records came late, such as %+v", p, len(got), got[0])
			}
			if got := total(out.all()); got != splits*each {
				t.Errorf("parallelism %d: got %d records in windows, want %d", p, got, splits*each)
			}
		})
	}
}

// TestSplitsThatAppear adds splits to a growing source while it runs, fails
// and restarts: each is read once.
func TestSplitsThatAppear(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		src := &scripted{grows: true, endless: true, splits: map[string][]cue{}}
		began := time.Now()
		for i := range 50 {
			id := fmt.Sprint("part ", i)
			src.order = append(src.order, id)
			for k := range 10 {
				src.splits[id] = append(src.splits[id], cue{100 * time.Millisecond, ev{Key: k, N: i*10 + k}})
			}
		}
		src.list = func(context.Context, int) []string {
			return src.order[:min(50, 1+int(time.Since(began)/time.Second))]
		}
		failed := 0
		src.fail = func(e ev) error {
			if e.N/10 > failed {
				failed += 15
				return errors.New("unplugged")
			}
			return nil
		}
		out, dir := newLedger[int](), t.TempDir()
		for run := range 3 {
			cfg := Config{Dir: dir, Parallelism: 1 + run, Linger: 50 * time.Millisecond,
				CheckpointInterval: 500 * time.Millisecond}
			r := runJob(t, cfg, func(g *dataflow.Graph) {
				in := dataflow.Read(g, "in", src)
				dataflow.Write(dataflow.Map(in, "number", func(e ev) int { return e.N }), "out", out)
			})
			time.Sleep(25 * time.Second)
			r.halt()
		}
		time.Sleep(2 * time.Second)
		wantNumbers(t, out.all(), func(int) int { return 1 }, 500)
	})
}
