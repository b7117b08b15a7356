package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/test/law"
	"github.com/flyball-stream/flyball/test/process"
)

var (
	crashN    = flag.Int("crash.n", 50, "how many times TestCrash kills a flow; 5 with -short")
	crashSeed = flag.Uint64("crash.seed", 1, "seed of TestCrash and TestSoak")
)

// TestCrash kills flows at random instants, and inside checkpoints at chosen
// ones, goes on with another parallelism half of the time, and looks at the
// output after each death.
func TestCrash(t *testing.T) {
	n := *crashN
	if testing.Short() {
		n = min(n, 5)
	}
	x := newCrasher(t, *crashSeed)
	for x.kills < n {
		x.series(t, n)
	}
	t.Logf("%d kills in %d series:\n%s", x.kills, x.done, x.table())
}

// crasher kills children, one series after the other: a series is one flow
// from an empty state directory to the end of its input.
type crasher struct {
	rnd    *rand.Rand
	plain  input
	packed input
	kills  int
	done   int
	hits   map[string]int // deaths by where they were
}

func newCrasher(t *testing.T, seed uint64) *crasher {
	const flights = 100_000
	return &crasher{
		rnd: rand.New(rand.NewPCG(seed, 1)), hits: map[string]int{},
		plain: newInput(t, flights, false), packed: newInput(t, flights, true),
	}
}

// series runs one flow to its end, killing it on the way while there are
// kills left to make.
func (x *crasher) series(t *testing.T, kills int) {
	t.Helper()
	in := x.plain
	if x.rnd.IntN(3) == 0 {
		in = x.packed
	}
	dir := t.TempDir()
	c := child{
		In: in.path, Out: filepath.Join(dir, "out"), State: filepath.Join(dir, "state"),
		Parallelism: 1 + x.rnd.IntN(5), Split: 64<<10 + x.rnd.Int64N(1<<20),
		Rate: 150_000, Interval: time.Duration(15+x.rnd.IntN(60)) * time.Millisecond,
	}
	seen := shown{}
	for x.kills < kills {
		if x.rnd.IntN(2) == 0 {
			c.Parallelism = 1 + x.rnd.IntN(5)
		}
		c.Law = law.Names()[x.rnd.IntN(len(law.Names()))]
		if !x.kill(t, c) {
			break
		}
		now := in.want.look(t, c.Out)
		now.covers(t, seen)
		seen = now
	}
	c.Death, c.Rate = process.Death{}, 0
	mustEnd(t, c)
	in.want.check(t, c.Out)
	in.want.look(t, c.Out).covers(t, seen)
	x.done++
	if err := os.RemoveAll(dir); err != nil { // a long test would fill the disk
		t.Fatal(err)
	}
}

// kill runs a child that is to die, and reports whether it did: it may have
// ended before.
func (x *crasher) kill(t *testing.T, c child) bool {
	t.Helper()
	where := "at any time"
	if x.rnd.IntN(4) > 0 {
		c.Death = x.death()
		where = c.Death.Point
		if c.Death.After > 0 {
			where += ", a little later"
		}
	}
	p := start(t, c)
	limit := 5 * time.Second
	if c.Death.Point == "" {
		limit = time.Duration(x.rnd.IntN(700)) * time.Millisecond
	}
	late := make(chan struct{}, 1)
	process.After(t, limit, func() {
		late <- struct{}{}
		_ = p.Signal(os.Kill)
	})
	p.wait(t)
	if p.Err != "" {
		t.Fatalf("child %+v: %s\n%s", c, p.Err, p.Stderr)
	}
	if !p.Killed {
		return false
	}
	if len(late) > 0 && c.Death.Point != "" {
		where = "at any time"
	}
	x.kills++
	x.hits[where]++
	return true
}

// death is a point in a checkpoint. Points that every start passes are hit at
// once, the others after some checkpoints.
func (x *crasher) death() process.Death {
	points := actors.FaultPoints()
	d := process.Death{Point: points[x.rnd.IntN(len(points))], Nth: 1 + x.rnd.IntN(12)}
	if slices.Index(points, d.Point) <= slices.Index(points, "recovered") {
		d.Nth = 1 + x.rnd.IntN(2)
	}
	if x.rnd.IntN(2) == 0 {
		d.After = time.Duration(x.rnd.IntN(3_000_000))
	}
	return d
}

// table is how often deaths were where.
func (x *crasher) table() string {
	var b strings.Builder
	for _, where := range append(actors.FaultPoints(), "at any time") {
		fmt.Fprintf(&b, "%-12s %5d at once %5d a little later\n", where, x.hits[where],
			x.hits[where+", a little later"])
	}
	return b.String()
}
