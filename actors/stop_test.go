package actors

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/test/virtual"
)

// TestStopAtAnyTime stops a flow at random instants, from before it starts to
// after it ends, until it has ended: each run returns at once, leaves no
// goroutine behind (or the bubble would tell), and the results are exact.
func TestStopAtAnyTime(t *testing.T) {
	seeds, patience := uint64(2), time.Second
	if virtual.Race { // in real time, on a busy machine
		seeds, patience = 1, 20*time.Second
	}
	for seed := range seeds {
		virtual.TestOrLive(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 3))
			out, dir := newLedger[operator.Entry[int, int64]](), t.TempDir()
			for run := 0; len(out.all()) < 600 && run < 60; run++ {
				cfg := Config{Dir: dir, Parallelism: 1 + run%3, CheckpointInterval: 20 * time.Millisecond}
				j := newJob(t, cfg, slowCount(out))
				limit := time.Duration(r.IntN(1_000_000)) * time.Microsecond
				if virtual.Race && run > 20 {
					limit *= 10 // it has to end some time
				}
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				if run%4 == 0 {
					cancel() // before it starts
				}
				began := time.Now()
				if err := j.Run(ctx); err != nil {
					t.Errorf("run %d: %v", run, err)
				}
				if took := time.Since(began); took > limit+patience {
					t.Errorf("run %d: took %v to stop after %v", run, took-limit, limit)
				}
				cancel()
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(2 * time.Second)
			wantCounts(t, out.all(), 600)
		})
	}
}

// TestStopWhileListing stops a flow whose source never answers what splits it
// has: nothing has been read, so there is nothing to save and nothing has failed.
func TestStopWhileListing(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		src := &scripted{list: func(ctx context.Context, _ int) []string { <-ctx.Done(); return nil }}
		r := runJob(t, Config{}, func(g *dataflow.Graph) {
			dataflow.Write(dataflow.Read(g, "in", src), "out", newLedger[ev]())
		})
		synctest.Wait()
		r.stop()
		<-r.done
		if r.err != nil {
			t.Errorf("got %v, want a stop", r.err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
	})
}

// TestStopWhileOneOfTwoLists stops a flow one of whose sources has been read while the other never
// answers. What was read is saved, and the next run asks the other again.
func TestStopWhileOneOfTwoLists(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		answers := false
		late := &numbers{n: 500, splits: 1}
		first, second, dir := newLedger[int](), newLedger[int](), t.TempDir()
		run := func() *running {
			return runJob(t, Config{Dir: dir}, func(g *dataflow.Graph) {
				dataflow.Write(dataflow.Read(g, "in", &numbers{n: 700, splits: 1}), "out", first)
				dataflow.Write(dataflow.Read(g, "late", &silent{late, &answers}), "out-late", second)
			})
		}
		check := func(r *running, wantSecond int) {
			if r.err != nil {
				t.Errorf("got %v, want a stop or the end", r.err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if a, b := len(first.all()), len(second.all()); a != 700 || b != wantSecond {
				t.Errorf("got %d and %d records, want 700 and %d", a, b, wantSecond)
			}
		}
		r := run()
		synctest.Wait()
		r.stop()
		<-r.done
		check(r, 0)
		answers = true
		r = run()
		<-r.done
		check(r, 500)
		time.Sleep(2 * time.Second)
	})
}

// silent is a source that says what splits it has once it may.
type silent struct {
	*numbers
	may *bool
}

func (s *silent) Splits(ctx context.Context) ([]operator.Split, error) {
	if !*s.may {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.numbers.Splits(ctx)
}

// TestNoRestartOverRemains fails a source while another task stays in user
// code for longer than a stop may take: a new attempt would run beside it.
func TestNoRestartOverRemains(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		long, inside := make(chan struct{}), make(chan struct{}, 2)
		src := &numbers{n: 3000, splits: 1, fail: func(i int) error {
			if i > 2000 {
				<-inside
				return errors.New("unplugged")
			}
			return nil
		}}
		r := runJob(t, Config{StopTimeout: 5 * time.Second}, func(g *dataflow.Graph) {
			in := dataflow.Rebalance(dataflow.Read(g, "in", src))
			stuck := dataflow.Map(in, "stuck", func(i int) int {
				select {
				case inside <- struct{}{}:
				default:
				}
				<-long
				return i
			}, dataflow.Parallelism(2))
			dataflow.Write(stuck, "out", newLedger[int]())
		})
		<-r.done
		if r.err == nil || !strings.Contains(r.err.Error(), "still inside user code") ||
			!strings.Contains(r.err.Error(), "unplugged") {
			t.Errorf("got %v, want both failures", r.err)
		}
		if n := r.Stats().Attempt; n != 1 {
			t.Errorf("%d attempts, want 1", n)
		}
		close(long)
		r.stop()
		time.Sleep(time.Minute)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
	})
}
