package actors

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// holder holds all batches back until a barrier. It forgets them in a failure,
// so none is lost only if it is called before the checkpoint has passed.
type holder struct{ held []operator.Batch }

func (h *holder) Process(_ int, b operator.Batch, _ operator.Outbox) error {
	h.held = append(h.held, b)
	return nil
}

func (h *holder) Barrier(out operator.Outbox) error {
	for _, b := range h.held {
		if err := out.Emit(0, b); err != nil {
			return err
		}
	}
	h.held = nil
	return nil
}

func (h *holder) Finish(out operator.Outbox) error { return h.Barrier(out) }

// holdersIn builds a flow and puts holders in the place of some of its steps.
func holdersIn(t *testing.T, build func(g *dataflow.Graph), steps ...string) *plan.Graph {
	t.Helper()
	f := dataflow.Define("test", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) { build(g) })
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		g.Step(s).New = func() operator.Operator { return &holder{} }
	}
	return g
}

// TestHeldBack runs steps that hold records back until barriers, chained and
// not, and stops, fails and restarts them and their checkpoints: each record
// comes through once.
func TestHeldBack(t *testing.T) {
	const n = 100_000
	id := func(i int) int { return i }
	for p := 1; p <= 3; p++ {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			c := &chaos{
				r: rand.New(rand.NewPCG(uint64(p), 1)), left: map[string]int{"source": 3, "persist": 3},
			}
			src := &numbers{n: n, splits: 3, fail: c.failSlowly(n / 4)}
			out, dir := newLedger[int](), t.TempDir()
			run := 0
			for ; len(out.all()) < n && run < 50; run++ {
				g := holdersIn(t, func(g *dataflow.Graph) {
					in := dataflow.Read(g, "in", src)
					chained := dataflow.Map(dataflow.Map(in, "first", id), "second", id)
					third := dataflow.Map(dataflow.Rebalance(chained), "third", id)
					fourth := dataflow.Map(third, "fourth", id, dataflow.Parallelism(2))
					dataflow.Write(fourth, "out", chaosSink[int]{out, c})
				}, "first", "second", "third", "fourth")
				cfg := tight(p)
				cfg.Dir, cfg.TolerateFailures = dir, 5
				cfg.Restart.Backoff = time.Millisecond
				runUntil(t, g, cfg, time.Duration(20+40*run)*time.Millisecond)
			}
			wantNumbers(t, out.all(), func(int) int { return 1 }, n)
			if run == 1 || c.left["source"] > 0 {
				t.Errorf("%d runs, failures left: %v; want stops and failures", run, c.left)
			}
		})
	}
}

// failSlowly fails a source on average once in n records, and slows it down so
// that there are checkpoints between.
func (c *chaos) failSlowly(n int) func(int) error {
	return func(i int) error {
		if i%100 == 0 {
			<-time.After(50 * time.Microsecond)
		}
		return c.fails("source", n)
	}
}

// runUntil runs a graph until it ends or is stopped after a time.
func runUntil(t *testing.T, g *plan.Graph, cfg Config, limit time.Duration) {
	t.Helper()
	j, err := New(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := j.Run(ctx); err != nil && ctx.Err() == nil {
		t.Error(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestLatestIsACut counts numbers on two ways of unlike length. What the two
// release at one checkpoint must be the same, and with each other's last
// release where one has nothing to say.
func TestLatestIsACut(t *testing.T) {
	const n = 200_000
	c := &chaos{r: rand.New(rand.NewPCG(1, 1)), left: map[string]int{"source": 3}}
	src := &numbers{n: n, splits: 3, fail: c.failSlowly(n / 5)}
	type count = operator.Entry[int, int64]
	short, long := newLedger[count](), newLedger[count]()
	err := runGraph(t, cutConfig(), func(g *dataflow.Graph) {
		in := dataflow.Read(g, "in", src)
		write := func(s dataflow.Stream[int], name string, to *ledger[count]) {
			byOne := dataflow.KeyBy(s, name+" by one", func(int) int { return 0 })
			counts := dataflow.Rolling(byOne, name, agg.Count[int]())
			dataflow.Write(dataflow.Latest(counts, name+" cut", func(c count) int { return c.Key },
				dataflow.AtBarrier()), name+" out", to)
		}
		write(in, "short", short)
		detour := dataflow.Map(dataflow.Rebalance(in), "detour", func(i int) int { return i })
		write(dataflow.Map(dataflow.Rebalance(detour), "more", func(i int) int { return i }), "long", long)
	})
	if err != nil {
		t.Fatal(err)
	}
	a, b := cuts(t, short.committed), cuts(t, long.committed)
	if len(a) < 5 {
		t.Errorf("%d checkpoints, want some", len(a))
	}
	for id, got := range a {
		if got != b[id] {
			t.Errorf("checkpoint %d: one way counts %d, the other %d", id, got, b[id])
		}
	}
	if len(a) != len(b) {
		t.Errorf("one way released %d times, the other %d", len(a), len(b))
	}
}

func cutConfig() Config {
	cfg := tight(3)
	cfg.Restart.Backoff = time.Millisecond
	return cfg
}

// cuts is what was released at each checkpoint, which must be one record.
func cuts(t *testing.T, committed map[string][]operator.Entry[int, int64]) map[uint64]int64 {
	t.Helper()
	all := map[uint64]int64{}
	for token, counts := range committed {
		var generation, id uint64
		var subtask int
		if _, err := fmt.Sscanf(token, "%d/%d/%d", &generation, &id, &subtask); err != nil {
			t.Fatal(err)
		}
		if _, twice := all[id]; twice || len(counts) != 1 {
			t.Errorf("checkpoint %d released %v, and more: %v; want one count", id, counts, twice)
		}
		all[id] = counts[0].Value
	}
	return all
}
