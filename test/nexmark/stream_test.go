package nexmark

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
	"github.com/flyball-stream/flyball/test/nexmark/mix"
	"github.com/flyball-stream/flyball/test/nexmark/model"
)

// stream is events in the order of their places, and where a run finds them.
type stream struct {
	name   string
	path   string // empty if they are generated
	seed   uint64
	events []event.Event
}

// mixed writes an awkward stream to a file of the test's.
func mixed(t *testing.T, seed uint64, n int) stream {
	t.Helper()
	s := stream{fmt.Sprint("mix-", seed), filepath.Join(t.TempDir(), "events.jsonl"), seed,
		mix.Events(seed, n)}
	if err := mix.WriteFile(s.path, s.events); err != nil {
		t.Fatal(err)
	}
	return s
}

// benchmark generates a stream of the benchmark.
func benchmark(t *testing.T, seed uint64, n int) stream {
	t.Helper()
	return fromGenerator(t, generated(seed), n)
}

func fromGenerator(t *testing.T, cfg generate.Config, n int) stream {
	t.Helper()
	g, err := generate.New(cfg, int64(n))
	if err != nil {
		t.Fatal(err)
	}
	s := stream{name: fmt.Sprint("benchmark-", cfg.Seed), seed: cfg.Seed, events: make([]event.Event, n)}
	if got := g.Fill(s.events); got != n {
		t.Fatalf("generate: got %d events, want %d", got, n)
	}
	slices.SortFunc(s.events, func(a, b event.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return s
}

// spec is a run of a query on the stream, with directories of its own.
func (s stream) spec(t *testing.T, w way) spec {
	t.Helper()
	dir := t.TempDir()
	return spec{
		Query: w.query.Name, Final: w.final, Other: w.other,
		In: s.path, N: len(s.events), Seed: s.seed,
		Out: filepath.Join(dir, "out"), State: filepath.Join(dir, "state"),
		Parallelism: 2, Interval: -1,
	}
}

// way is how a query runs.
type way struct {
	query model.Query
	final bool // the last state of its rows is written only
	other bool // settings
}

func (w way) String() string {
	if w.query.Key != nil && !w.final {
		return w.query.Name + "-updates"
	}
	return w.query.Name
}

// ways are all queries, those whose rows change in both ways.
func ways() (all []way) {
	for _, q := range model.All() {
		all = append(all, way{query: q, final: true})
		if q.Key != nil {
			all = append(all, way{query: q})
		}
	}
	return all
}
