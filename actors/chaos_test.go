package actors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/test/virtual"
)

// chaos fails calls at random, a bounded number of times.
type chaos struct {
	mu   sync.Mutex
	r    *rand.Rand
	left map[string]int // failures still to come, by what fails
}

// fails reports whether this call of what is to fail, on average one in n.
func (c *chaos) fails(what string, n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left[what] == 0 || c.r.IntN(n) > 0 {
		return nil
	}
	c.left[what]--
	return errors.New(what + " fails by chance")
}

// chaosSink is a ledger whose calls fail by chance.
type chaosSink[T any] struct {
	*ledger[T]
	c *chaos
}

func (s chaosSink[T]) Open(p operator.Place) (dataflow.Writer[T], error) {
	w, err := s.ledger.Open(p)
	return chaosWriter[T]{w, s.c}, err
}
func (s chaosSink[T]) Commit(token []byte) error {
	if err := s.c.fails("commit", 20); err != nil {
		return err
	}
	return s.ledger.Commit(token)
}

type chaosWriter[T any] struct {
	dataflow.Writer[T]
	c *chaos
}

func (w chaosWriter[T]) Prepare(id uint64) (operator.Prepared, error) {
	p, err := w.Writer.Prepare(id)
	if p != nil {
		p = chaosPrepared{p, w.c}
	}
	return p, err
}

type chaosPrepared struct {
	operator.Prepared
	c *chaos
}

func (p chaosPrepared) Persist() ([]byte, error) {
	if err := p.c.fails("persist", 10); err != nil {
		return nil, err
	}
	return p.Prepared.Persist()
}

type pane = window.Pane[int, int64]

// buckets counts as tumbling windows do, by hand: with a map and timers.
type buckets struct {
	counts dataflow.MapState[int64, int64]
}

const bucket = 1000 // milliseconds

func newBuckets() *buckets { return &buckets{dataflow.NewMapState[int64, int64]("counts")} }

func (b *buckets) Process(c *dataflow.Context[int, pane], e ev) error {
	at := e.At / bucket * bucket
	n, _, err := b.counts.Get(c, at)
	c.SetTimer(time.UnixMilli(at + bucket))
	return errors.Join(err, b.counts.Put(c, at, n+1))
}

func (b *buckets) OnTimer(c *dataflow.Context[int, pane], at time.Time) error {
	start := at.UnixMilli() - bucket
	n, ok, err := b.counts.Get(c, start)
	if !ok {
		return errors.Join(err, fmt.Errorf("a timer at %v without a count", at))
	}
	c.Emit(pane{Key: c.Key(), Start: time.UnixMilli(start).UTC(), End: at, Value: n})
	return b.counts.Delete(c, start)
}

// world is the input of a chaotic run and its sinks.
type world struct {
	left, right *scripted
	chaos       *chaos
	events      []ev
	others      []ev

	panes map[string]*ledger[pane]
	late  *ledger[ev]
}

const disorder = 400 // milliseconds

func newWorld(seed uint64, splits int) *world {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &world{
		chaos: &chaos{r: r, left: map[string]int{"source": 2, "map": 2, "persist": 4, "commit": 2}},
		panes: map[string]*ledger[pane]{}, late: newLedger[ev](),
	}
	for _, n := range []string{"tumbling", "sliding", "session", "global", "timers", "join"} {
		w.panes[n] = newLedger[pane]()
	}
	w.left, w.events = script(r, splits, 3000)
	w.right, w.others = script(r, 2, 500)
	w.left.fail = func(ev) error { return w.chaos.fails("source", 500) }
	return w
}

// script makes n events over splits that cover the same time, each out of
// order by less than the disorder.
func script(r *rand.Rand, splits, n int) (*scripted, []ev) {
	s := &scripted{splits: map[string][]cue{}}
	for i := range splits {
		s.order = append(s.order, fmt.Sprint("split ", i))
	}
	var all []ev
	for i := range n {
		at := int64(i)*20_000/int64(n) - r.Int64N(disorder) + 1000
		e := ev{Key: r.IntN(7), At: at &^ 1, N: i}
		c := cue{ev: e}
		if r.IntN(40*splits) == 0 {
			c.wait = time.Duration(r.IntN(20)) * time.Millisecond
		}
		id := s.order[r.IntN(splits)]
		s.splits[id] = append(s.splits[id], c)
		all = append(all, e)
	}
	return s, all
}

func (w *world) build(g *dataflow.Graph) {
	stamps := dataflow.EventTime(evTime, disorder*time.Millisecond)
	key := func(e ev) int { return e.Key }
	tried, _ := dataflow.TryMap(dataflow.Read(g, "in", w.left, stamps), "try",
		func(e ev) (ev, error) { return e, w.chaos.fails("map", 1000) })
	byKey := dataflow.KeyBy(tried, "by-key", key)
	others := dataflow.KeyBy(dataflow.Read(g, "others", w.right, stamps), "others-by-key", key)
	write := func(name string, s dataflow.Stream[pane]) {
		dataflow.Write(s, name+"-out", chaosSink[pane]{w.panes[name], w.chaos})
	}
	specs := map[string]window.Spec{
		"tumbling": window.Tumbling(time.Second),
		"sliding":  window.Sliding(5*time.Second, 500*time.Millisecond),
		"session":  window.Session(99 * time.Millisecond),
		"global":   window.Global(),
	}
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		cut := dataflow.Window(byKey, specs[name])
		write(name, dataflow.Aggregate(cut, name, agg.Count[ev]()))
		dataflow.Write(dataflow.Late(cut, name+"-late"), name+"-late-out", w.late)
	}
	write("timers", dataflow.Process(byKey, "timers", newBuckets))
	second := window.Tumbling(time.Second)
	write("join", dataflow.Join(dataflow.Window(byKey, second), "join", dataflow.Window(others, second),
		func(k int, l, r ev) pane { return pane{Key: k, Value: int64(l.N)<<20 | int64(r.N)} }))
}

// flat is a pane that can be compared, times in milliseconds.
type flat struct {
	key        int
	start, end int64
	value      int64
}

// want computes what the windows of a kind hold, record by record.
func (w *world) want(kind string) map[flat]int {
	counts := map[flat]int64{}
	results := map[flat]int{}
	for _, e := range w.events {
		second := e.At / 1000 * 1000
		switch kind {
		case "tumbling", "timers":
			counts[flat{key: e.Key, start: second, end: second + 1000}]++
		case "sliding":
			for start := e.At/500*500 - 4500; start <= e.At; start += 500 {
				counts[flat{key: e.Key, start: start, end: start + 5000}]++
			}
		case "global":
			counts[flat{key: e.Key}]++
		case "join":
			for _, o := range w.others {
				if o.Key == e.Key && o.At/1000*1000 == second {
					results[flat{key: e.Key, value: int64(e.N)<<20 | int64(o.N)}]++
				}
			}
		}
	}
	if kind == "session" {
		counts = w.sessions(99)
	}
	for f, n := range counts {
		f.value = n
		results[f]++
	}
	return results
}

func (w *world) sessions(gap int64) map[flat]int64 {
	counts := map[flat]int64{}
	byTime := slices.SortedFunc(slices.Values(w.events), func(a, b ev) int { return int(a.At - b.At) })
	open := map[int]flat{}
	for _, e := range byTime {
		f, ok := open[e.Key]
		if n := counts[f]; ok && e.At < f.end {
			delete(counts, f)
			f.end = e.At + gap
			counts[f] = n + 1
		} else {
			f = flat{key: e.Key, start: e.At, end: e.At + gap}
			counts[f] = 1
		}
		open[e.Key] = f
	}
	return counts
}

func (w *world) check(t *testing.T) {
	t.Helper()
	if late := w.late.all(); len(late) > 0 {
		t.Errorf("%d records came late, the first is %+v", len(late), late[0])
	}
	for kind, l := range w.panes {
		want := w.want(kind)
		wrong := 0
		for _, p := range l.all() {
			f := flat{p.Key, p.Start.UnixMilli(), p.End.UnixMilli(), p.Value}
			if kind == "global" || kind == "join" {
				f.start, f.end = 0, 0
			}
			if want[f]--; want[f] < 0 {
				wrong++
			} else if want[f] == 0 {
				delete(want, f)
			}
		}
		for f, n := range want {
			if n > 0 {
				t.Errorf("%s: %d results missing, such as %+v; %d too many", kind, len(want), f, wrong)
				wrong = 0
				break
			}
		}
		if wrong > 0 {
			t.Errorf("%s: %d results too many", kind, wrong)
		}
	}
}

// TestChaos runs all kinds of windows, a join and timers over out-of-order
// splits while sources, functions and sinks fail by chance, stops in between
// and goes on with another parallelism: every result is there once.
func TestChaos(t *testing.T) {
	seeds := uint64(10)
	if testing.Short() {
		seeds = 5
	}
	if virtual.Race {
		seeds = 3 // in real time
	}
	for seed := range seeds {
		law := laws[seed%uint64(len(laws))]
		t.Run(fmt.Sprint("seed ", seed, ", ", law.name), func(t *testing.T) {
			virtual.TestOrLive(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 2))
				w := newWorld(seed, []int{1, 3, 30}[seed%3])
				cfg := Config{
					Dir: t.TempDir(), CheckpointInterval: 5 * time.Millisecond, TolerateFailures: 1,
					Linger:  time.Millisecond,
					Restart: RestartPolicy{Attempts: 100, UserAttempts: 100, Backoff: time.Millisecond},
				}
				cfg = law.apply(cfg)
				attempts := 0
				cfg.Events.Restarting = func(int, time.Duration, error) { attempts++ }
				limit := time.Millisecond
				for ended := false; !ended; {
					cfg.Parallelism = 1 + r.IntN(3)
					ctx, cancel := context.WithTimeout(t.Context(), limit*time.Duration(20+r.IntN(100)))
					if virtual.Race {
						limit *= 2 // a slow machine might do nothing in a tenth of a second
					}
					j := newJob(t, cfg, w.build)
					err := j.Run(ctx)
					ended = err == nil && ctx.Err() == nil
					if cancel(); err != nil {
						t.Log("ended with ", err) // as it may: a failure in opening is not tried again
					}
					if err := j.Close(); err != nil {
						t.Error(err)
					}
				}
				time.Sleep(2 * time.Second) // the actor library's last timer
				w.check(t)
				t.Logf("%d restarts, failures not used: %v", attempts, w.chaos.left)
			})
		})
	}
}
