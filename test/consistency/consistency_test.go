package consistency

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/test/law"
)

var (
	transfersN = flag.Int64("transfers", 10_000_000, "transfers of TestTotal; 200000 with -short")
	kills      = flag.Int("kills", 15, "how many times TestCrash kills a flow; 4 with -short")
	seed       = flag.Uint64("seed", 1, "seed of TestCrash and TestRestarts")
)

const few = 200_000

// TestTotal reads all transfers without disturbance.
func TestTotal(t *testing.T) {
	n := *transfersN
	if testing.Short() {
		n = min(n, few)
	}
	for _, p := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			c := newChild(t, n, p)
			began := time.Now()
			if err := c.run(actors.Config{}, asIs); err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			v := judge(t, c.Out, n, true)
			v.checkEnd(t, n, 2)
			t.Logf("%d transfers in %v: %+v", n, took.Round(time.Millisecond), v)
		})
	}
}

// TestEager writes each change as it comes. Nothing is lost and the views that
// a checkpoint leaves are right, but nearly every total on the way is wrong:
// the judge sees it, and Latest is what prevents it.
func TestEager(t *testing.T) {
	const n = 20_000
	for _, p := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			c := newChild(t, n, p)
			c.Eager = true
			if err := c.run(actors.Config{}, asIs); err != nil {
				t.Fatal(err)
			}
			v := judge(t, c.Out, n, true)
			if v.NotZero == 0 || v.Twice == 0 {
				t.Errorf("got %+v, want totals other than 0", v)
			}
			if v.Wrong > 0 || v.Read != n {
				t.Errorf("got %+v, want all transfers in the last rows", v)
			}
			t.Logf("%+v", v)
		})
	}
}

// TestStops stops the flow and goes on with another parallelism.
func TestStops(t *testing.T) {
	c := newChild(t, few, 1)
	c.Rate = 400_000
	for i := range 4 {
		c.Parallelism = 1 + i%3
		j, err := c.job(actors.Config{}, asIs)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if err := j.Run(ctx); err != nil {
			t.Error(err)
		}
		cancel()
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		judge(t, c.Out, few, true).check(t)
	}
	c.Rate = 0
	if err := c.run(actors.Config{}, asIs); err != nil {
		t.Fatal(err)
	}
	judge(t, c.Out, few, true).checkEnd(t, few, 3)
}

// TestRestarts has user code fail soon after each point of a checkpoint, one
// after the other, so that the flow restarts from its last one.
func TestRestarts(t *testing.T) {
	points := actors.FaultPoints()
	points = points[slices.Index(points, "inject"):]
	for _, p := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			c := newChild(t, few, p)
			c.Rate = few / 60 // a minute, of which seconds will do
			rnd := rand.New(rand.NewPCG(*seed, uint64(p)))
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			f := &failure{points: points, every: 1 + rnd.IntN(3), done: cancel}
			j, err := c.job(actors.Config{
				Faults:  f.at,
				Restart: actors.RestartPolicy{UserAttempts: 100, Attempts: 100, Backoff: time.Millisecond},
				Events:  actors.Events{Restarting: f.restarting},
			}, f.watch)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(j.Run(ctx), j.Close()); err != nil {
				t.Fatal(err)
			}
			judge(t, c.Out, few, true).check(t)
			c.Rate = 0
			if err := c.run(actors.Config{}, asIs); err != nil {
				t.Fatal(err)
			}
			v := judge(t, c.Out, few, true)
			v.checkEnd(t, few, 3)
			if f.restarts != len(points) {
				t.Errorf("%d restarts, want one for each of the points %q", f.restarts, points)
			}
			t.Logf("%d restarts: %+v", f.restarts, v)
		})
	}
}

// failure has a step of the flow panic after each of some fault points, and
// says when that is done and the flow has taken a checkpoint since.
type failure struct {
	mu       sync.Mutex
	points   []string // still to come
	every    int      // how often a point is passed before it counts
	passed   int
	armed    bool
	panics   int
	restarts int
	done     func()
}

func (f *failure) at(point string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.armed || f.panics > f.restarts: // the attempt is about to end
	case len(f.points) == 0:
		if point == "committed" {
			f.done()
		}
	case f.points[0] == point:
		if f.passed++; f.passed == f.every {
			f.points, f.passed, f.armed = f.points[1:], 0, true
		}
	}
}

func (f *failure) watch(t transfer) transfer {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.armed {
		f.armed = false
		f.panics++
		panic("user code has lost its way")
	}
	return t
}

func (f *failure) restarting(int, time.Duration, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restarts++
}

// TestCrash kills the flow at points of checkpoints or a little later, goes on
// with another parallelism, and looks at what can be seen after each death.
func TestCrash(t *testing.T) {
	n := *kills
	if testing.Short() {
		n = min(n, 4)
	}
	rnd := rand.New(rand.NewPCG(*seed, 1))
	points := actors.FaultPoints()
	for done := 0; done < n; {
		c := newChild(t, few, 1)
		c.Rate = 150_000
		for done < n {
			c.Parallelism = 1 + rnd.IntN(3)
			c.Law = law.Names()[rnd.IntN(len(law.Names()))]
			c.Death = death{Point: points[rnd.IntN(len(points))], Nth: 1 + rnd.IntN(12)}
			if slices.Index(points, c.Death.Point) < slices.Index(points, "inject") {
				c.Death.Nth = 1 // a start passes these only so often
			}
			if rnd.IntN(2) == 0 {
				c.Death.After = time.Duration(rnd.IntN(3_000_000))
			}
			if !c.process(t) {
				break // it was not at the point so often
			}
			done++
			judge(t, c.Out, few, false).check(t)
		}
		c.Death, c.Rate = death{}, 0
		if c.process(t) {
			t.Fatal("a child that nobody was to kill was killed")
		}
		judge(t, c.Out, few, true).checkEnd(t, few, 3)
	}
}
