package nexmark

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/examples/nexmark/query"
	"github.com/flyball-stream/flyball/test/law"
	"github.com/flyball-stream/flyball/test/nexmark/model"
	"github.com/flyball-stream/flyball/test/process"
)

var (
	size  = flag.Int("nexmark.n", 2000, "events of each stream; 500 with -short")
	seed  = flag.Uint64("nexmark.seed", 1, "seed of the streams and of when processes die")
	kills = flag.Int("nexmark.kills", 2, "how often each query is killed; once and few with -short")
)

// TestMain runs the tests, or is a child.
func TestMain(m *testing.M) {
	os.Exit(process.Main(m, func(s spec) (report, bool) {
		r := s.run(context.Background())
		return r, r.Err == ""
	}))
}

// events is how many there are in a stream.
func events() int {
	if testing.Short() {
		return min(*size, 500)
	}
	return *size
}

// TestEveryQueryHasAModel finds queries that nothing here would judge.
func TestEveryQueryHasAModel(t *testing.T) {
	var queries, models []string
	for _, q := range query.All() {
		queries = append(queries, q.Name)
	}
	for _, m := range model.All() {
		models = append(models, m.Name)
	}
	if !slices.Equal(queries, models) || len(queries) != 23 {
		t.Errorf("got queries %q and models %q, want q0 to q22", queries, models)
	}
}

// TestToTheEnd runs the queries without a break at several parallelisms.
func TestToTheEnd(t *testing.T) {
	streams := []stream{mixed(t, *seed, events()), benchmark(t, *seed, events())}
	if !testing.Short() {
		streams = append(streams, mixed(t, *seed+1, events()))
	}
	for _, s := range streams {
		for _, w := range ways() {
			for _, p := range []int{1, 2, 3} {
				t.Run(fmt.Sprint(s.name, "/", w, "/", p), func(t *testing.T) {
					spec := s.spec(t, w)
					spec.Parallelism = p
					mustEnd(t, spec.run(t.Context()))
					s.check(t, w, spec.Out)
				})
			}
		}
	}
}

// TestSettings runs the queries with settings that are not the benchmark's.
func TestSettings(t *testing.T) {
	for i := range uint64(3) {
		s := mixed(t, *seed+10+i, events())
		for _, w := range ways() {
			if w.other = true; !w.final {
				continue
			}
			t.Run(fmt.Sprint(s.name, "/", w), func(t *testing.T) {
				spec := s.spec(t, w)
				mustEnd(t, spec.run(t.Context()))
				s.check(t, w, spec.Out)
			})
		}
	}
}

// TestLaws runs the queries under each of the policies that a job can have.
func TestLaws(t *testing.T) {
	s := mixed(t, *seed, events())
	for i, w := range ways() {
		for j, name := range law.Names() {
			if testing.Short() && (i+j)%len(law.Names()) != 0 {
				continue
			}
			t.Run(fmt.Sprint(w, "/", name), func(t *testing.T) {
				spec := s.spec(t, w)
				spec.Law, spec.Interval = name, 5*time.Millisecond
				mustEnd(t, spec.run(t.Context()))
				s.check(t, w, spec.Out)
			})
		}
	}
}

// anyLaw is one of the policies.
func anyLaw(rnd *rand.Rand) string { return law.Names()[rnd.IntN(len(law.Names()))] }

func mustEnd(t *testing.T, r report) {
	t.Helper()
	if r.Err != "" || r.Stopped {
		t.Fatalf("got %+v, want the end of the input", r)
	}
}

// gated makes checkpoints frequent and lets a part of the splits be read in
// between.
func (s spec) gated(parts int) spec {
	splits := generatedSplits
	if s.In != "" {
		splits = s.N * lineBytes / splitBytes
	}
	s.Gate, s.Interval = max(1, splits/parts), 5*time.Millisecond
	return s
}

// lineBytes is the size of an awkward event, roughly.
const lineBytes = 200

// TestResume stops the queries after at least three checkpoints and goes on
// with more subtasks, then with fewer.
func TestResume(t *testing.T) {
	for i, s := range []stream{mixed(t, *seed, events()), benchmark(t, *seed, events())} {
		for _, w := range ways() {
			t.Run(fmt.Sprint(s.name, "/", w), func(t *testing.T) {
				first := s.spec(t, w).gated(8)
				first.StopAfter = 3 + i
				second := first
				second.Parallelism, second.StopAfter, second.Gate = 3, 0, 0
				if r := first.run(t.Context()); r.Err != "" || !r.Stopped {
					t.Fatalf("first run: got %+v, want it to stop", r)
				}
				r := second.run(t.Context())
				mustEnd(t, r)
				if r.Restored < 3 {
					t.Errorf("second run: got checkpoint %d restored, want one from 3 on", r.Restored)
				}
				s.check(t, w, second.Out)
			})
		}
	}
}

// few are queries that between them use all there is of state.
var few = []string{"q5", "q6", "q9", "q10", "q11", "q16", "q19", "q20"}

// TestKills kills the queries at random instants and at points in checkpoints,
// goes on with another parallelism, and at last lets them end.
func TestKills(t *testing.T) {
	s := mixed(t, *seed, events())
	rnd := rand.New(rand.NewPCG(*seed, 2))
	died := 0
	for _, w := range ways() {
		if testing.Short() && (!w.final || !slices.Contains(few, w.query.Name)) {
			continue
		}
		t.Run(w.String(), func(t *testing.T) {
			run := s.spec(t, w).gated(20)
			for range deaths() {
				run.Parallelism, run.Law = 1+rnd.IntN(3), anyLaw(rnd)
				if !kill(t, run, rnd) {
					break
				}
				died++
			}
			run.Parallelism, run.Gate = 1+rnd.IntN(3), 0
			p := process.Start(t, run, patience)
			var r report
			p.Wait(t, &r)
			mustEnd(t, r)
			s.check(t, w, run.Out)
		})
	}
	t.Logf("%d deaths", died)
}

// patience is how long a child may take before it counts as hung.
const patience = time.Minute

func deaths() int {
	if testing.Short() {
		return 1
	}
	return *kills
}

// longest is after how much time a child dies at the latest that is to die at
// any time.
const longest = 300 * time.Millisecond

// kill runs a child that dies somewhere, and reports whether it did: it may
// have ended before.
func kill(t *testing.T, run spec, rnd *rand.Rand) bool {
	t.Helper()
	limit := time.Duration(rnd.Int64N(int64(longest)))
	if points := actors.FaultPoints(); rnd.IntN(2) == 0 {
		run.Death = process.Death{Point: points[rnd.IntN(len(points))], Nth: 1 + rnd.IntN(12)}
		limit = time.Second
	}
	p := process.Start(t, run, patience)
	process.After(t, limit, func() { _ = p.Signal(os.Kill) })
	var r report
	p.Wait(t, &r)
	if r.Err != "" {
		t.Fatalf("child %+v: %s\n%s", run, r.Err, p.Stderr)
	}
	return p.Killed
}
