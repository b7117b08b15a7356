package actors

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/governor"
)

// runGraph runs what build adds to a graph and returns the job's error.
func runGraph(t *testing.T, cfg Config, build func(g *dataflow.Graph)) error {
	t.Helper()
	f := dataflow.Define("test", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) { build(g) })
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	j, err := New(g, cfg)
	if err != nil {
		return err
	}
	defer j.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = j.Run(ctx)
	if ctx.Err() != nil {
		t.Fatal("the flow hangs")
	}
	return err
}

// tight is a configuration under which credit is always short: one batch and
// one byte in flight on each channel, checkpoints all the time.
func tight(parallelism int) Config {
	return Config{
		Parallelism: parallelism, CheckpointInterval: time.Millisecond,
		Window: governor.Window{Batches: 1, Bytes: 1},
	}
}

func wantNumbers(t *testing.T, got []int, want func(i int) int, n int) {
	t.Helper()
	counts := map[int]int{}
	for _, v := range got {
		counts[v]++
	}
	for i := range n {
		if counts[i] != want(i) {
			t.Fatalf("%d came %d times, want %d", i, counts[i], want(i))
		}
		delete(counts, i)
	}
	if len(counts) > 0 {
		t.Errorf("%d values that were never sent", len(counts))
	}
}

// TestTopologies runs shapes that deadlock when barriers wait for credit or a
// side that waits for its barrier starves another.
func TestTopologies(t *testing.T) {
	const n = 60_000
	id := func(i int) int { return i }
	once := func(int) int { return 1 }
	tests := []struct {
		name  string
		build func(s dataflow.Stream[int]) dataflow.Stream[int]
		want  func(i int) int
	}{
		{"diamond in one chain", func(s dataflow.Stream[int]) dataflow.Stream[int] {
			left := dataflow.Filter(s, "left", func(i int) bool { return i%2 == 0 })
			right := dataflow.Filter(s, "right", func(i int) bool { return i%2 == 1 })
			return dataflow.Union(left, "union", right)
		}, once},
		{"diamond over shuffles", func(s dataflow.Stream[int]) dataflow.Stream[int] {
			left := dataflow.Map(dataflow.Rebalance(s), "left", id)
			right := dataflow.Map(dataflow.Rebalance(s), "right", id)
			return dataflow.Union(left, "union", right)
		}, func(int) int { return 2 }},
		{"idle side", func(s dataflow.Stream[int]) dataflow.Stream[int] {
			none := dataflow.Filter(s, "none", func(i int) bool { return false })
			return dataflow.Union(dataflow.Rebalance(s), "union", dataflow.Rebalance(none))
		}, once},
		{"branches", func(s dataflow.Stream[int]) dataflow.Stream[int] {
			b := dataflow.Branch(s, "branch",
				func(i int) bool { return i%3 == 0 }, func(i int) bool { return i%3 == 1 })
			return dataflow.Union(b[0], "union", b[1], b[2])
		}, once},
		{"wider and narrower", func(s dataflow.Stream[int]) dataflow.Stream[int] {
			wide := dataflow.Map(s, "wide", id, dataflow.Parallelism(7))
			return dataflow.Map(wide, "narrow", id, dataflow.Parallelism(2))
		}, once},
		{"broadcast", func(s dataflow.Stream[int]) dataflow.Stream[int] {
			return dataflow.Map(dataflow.Broadcast(s), "all", id, dataflow.Parallelism(4))
		}, func(int) int { return 4 }},
		{"expansion beyond every window", func(s dataflow.Stream[int]) dataflow.Stream[int] {
			many := dataflow.FlatMap(s, "many", func(i int) iter.Seq[int] {
				if i%10_000 != 0 {
					return slices.Values([]int{i})
				}
				return slices.Values(slices.Repeat([]int{i}, 20_000))
			})
			return dataflow.Map(dataflow.Rebalance(many), "next", id)
		}, func(i int) int {
			if i%10_000 == 0 {
				return 20_000
			}
			return 1
		}},
	}
	for _, test := range tests {
		for i := range 2 * len(laws) {
			p, l := 1+2*(i/len(laws)), laws[i%len(laws)]
			t.Run(fmt.Sprintf("%s/%d/%s", test.name, p, l.name), func(t *testing.T) {
				out := newLedger[int]()
				err := runGraph(t, l.apply(tight(p)), func(g *dataflow.Graph) {
					in := dataflow.Read(g, "numbers", &numbers{n: n, splits: 2})
					dataflow.Write(test.build(in), "out", out)
				})
				if err != nil {
					t.Fatal(err)
				}
				wantNumbers(t, out.all(), test.want, n)
			})
		}
	}
}

func TestPanicNamesStepAndRecord(t *testing.T) {
	for _, p := range []int{1, 2} {
		err := runGraph(t, Config{Parallelism: p, Restart: RestartPolicy{UserAttempts: -1}},
			func(g *dataflow.Graph) {
				in := dataflow.Read(g, "numbers", &numbers{n: 5000, splits: 1})
				bad := dataflow.Map(in, "divide", func(i int) int { return 1 / (i - 4321) })
				dataflow.Write(bad, "out", newLedger[int]())
			})
		var e *TaskError
		if !errors.As(err, &e) {
			t.Fatalf("got %v, want a TaskError", err)
		}
		if e.Step != "divide" || e.Kind != User || !strings.Contains(e.Error(), "record 4321") {
			t.Errorf("got %v of kind %v", e, e.Kind)
		}
		if !strings.Contains(string(e.Stack()), "topology_test.go") {
			t.Errorf("the stack does not show the user's line:\n%s", e.Stack())
		}
	}
}

func TestRefusedRecordFailsUnlessConsumed(t *testing.T) {
	odd := func(i int) (int, error) {
		if i == 77 {
			return 0, errors.New("unlucky")
		}
		return i, nil
	}
	for _, consume := range []bool{false, true} {
		dead := newLedger[dataflow.Failure[int]]()
		err := runGraph(t, Config{Restart: RestartPolicy{UserAttempts: -1}}, func(g *dataflow.Graph) {
			in := dataflow.Read(g, "numbers", &numbers{n: 1000, splits: 1})
			good, bad := dataflow.TryMap(in, "try", odd)
			dataflow.Write(good, "out", newLedger[int]())
			if consume {
				dataflow.Write(bad, "dead", dead)
			}
		})
		if !consume && (err == nil || !strings.Contains(err.Error(), "unlucky")) {
			t.Errorf("nobody consumes refused records: got %v, want an error", err)
		}
		if got := dead.all(); consume && (err != nil || len(got) != 1 || got[0].Record != 77) {
			t.Errorf("refused records are consumed: got %v and error %v", got, err)
		}
	}
}

// runHalf runs a flow of a million numbers, stops it half-way, so that its state
// is needed again, and returns the source.
func runHalf(t *testing.T, cfg Config, build func(g *dataflow.Graph, src *numbers)) *numbers {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	src := &numbers{n: 1_000_000, splits: 1, fail: func(i int) error {
		if i > 1000 {
			cancel()
		}
		return nil
	}}
	f := dataflow.Define("test", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) { build(g, src) })
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	j, err := New(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.Run(ctx), j.Close()); err != nil {
		t.Fatal(err)
	}
	return src
}

// TestRestoreRefusesOrphans renames a step that has state, before and after
// the end of the input: then there is none that anyone would read.
func TestRestoreRefusesOrphans(t *testing.T) {
	cfg := Config{Dir: t.TempDir()}
	out := newLedger[dataflow.Entry[int, int64]]()
	flow := func(g *dataflow.Graph, src *numbers, step string) {
		byMod := dataflow.KeyBy(dataflow.Read(g, "numbers", src), "by-mod", func(i int) int { return i % 10 })
		dataflow.Write(dataflow.Rolling(byMod, step, agg.Count[int]()), "out", out)
	}
	src := runHalf(t, cfg, func(g *dataflow.Graph, src *numbers) { flow(g, src, "count") })
	again := func(cfg Config, step string) error {
		return runGraph(t, cfg, func(g *dataflow.Graph) { flow(g, src, step) })
	}
	if err := again(cfg, "tally"); err == nil || !strings.Contains(err.Error(), `step "count"`) {
		t.Errorf("restored a renamed step without complaint: %v", err)
	}
	drop := cfg
	drop.DropState = true
	if err := again(drop, "tally"); err != nil {
		t.Errorf("dropping state was allowed: %v", err)
	}
	if err := again(cfg, "count"); err != nil {
		t.Errorf("the flow has ended and kept state that nobody will read: %v", err)
	}
}

// TestTypeOfStateMustFit stops a flow half-way and goes on with another key
// type.
func TestTypeOfStateMustFit(t *testing.T) {
	cfg := Config{Dir: t.TempDir()}
	src := runHalf(t, cfg, func(g *dataflow.Graph, src *numbers) {
		byMod := dataflow.KeyBy(dataflow.Read(g, "numbers", src), "by-mod", func(i int) int { return i % 10 })
		dataflow.Write(dataflow.Rolling(byMod, "count", agg.Count[int]()), "out",
			newLedger[dataflow.Entry[int, int64]]())
	})
	err := runGraph(t, cfg, func(g *dataflow.Graph) {
		byMod := dataflow.KeyBy(dataflow.Read(g, "numbers", src), "by-mod",
			func(i int) string { return fmt.Sprint(i % 10) })
		out := newLedger[dataflow.Entry[string, int64]]()
		out.lenient = true
		dataflow.Write(dataflow.Rolling(byMod, "count", agg.Count[int]()), "out", out)
	})
	if err == nil || !strings.Contains(err.Error(), `step "count"`) || !strings.Contains(err.Error(), "key") {
		t.Errorf("restored int keys as strings: %v", err)
	}
}
