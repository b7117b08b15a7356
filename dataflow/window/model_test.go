package window

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// event is one thing that happens to an operator under test.
type event struct {
	key   string
	at    int64 // seconds
	item  item
	side  int
	water bool // at is a watermark
	close bool // the end of input
}

// story makes up events around a front that moves: out of order, with equal
// times, late ones, gaps, and watermarks that trail.
// With two sides, an item's N is its side.
func story(r *rand.Rand, n, sides int) []event {
	var events []event
	front, water := int64(r.IntN(2000)-1000), int64(math.MinInt32)
	keys := 1 + r.IntN(6)
	spread := int64(1 + r.IntN(60))
	for i := range n {
		switch p := r.IntN(100); {
		case p < 20:
			if w := front - r.Int64N(20); w > water {
				water = w
				events = append(events, event{at: w, water: true})
			}
		case p < 21:
			front += r.Int64N(300)
		default:
			front += r.Int64N(4)
			at := front - r.Int64N(spread)
			if r.IntN(10) == 0 {
				at += r.Int64N(40)
			}
			e := event{key: fmt.Sprint("k", r.IntN(keys)), at: at, side: r.IntN(sides)}
			e.item = item{int64(i), r.Int64N(1000) - 500}
			if sides == 2 {
				e.item.N = int64(e.side)
			}
			events = append(events, e)
		}
	}
	return append(events, event{water: true, close: true})
}

// model says in the plainest way what a window operator must emit.
type model interface {
	record(e event) []string
	watermark(at int64) []string
}

// fixed models tumbling and sliding windows: every record is put into each of
// its windows.
type fixed struct {
	size, slide, offset, lateness int64
	water                         int64
	windows                       map[string][]item // by key and end
	ends                          map[string]int64
	keys                          map[string]string
	result                        func([]item) any
}

func newFixed(s Spec, result func([]item) any) *fixed {
	second := int64(time.Second)
	return &fixed{
		size: int64(s.Size) / second, slide: int64(s.Slide) / second,
		offset: int64(s.Offset) / second, lateness: int64(s.Lateness) / second,
		water: math.MinInt64, windows: map[string][]item{}, ends: map[string]int64{},
		keys: map[string]string{}, result: result,
	}
}

func (f *fixed) text(id string) string {
	return paneText(f.keys[id], sec(f.ends[id]), f.result(f.windows[id]))
}

func (f *fixed) record(e event) (lines []string) {
	taken := false
	first := int64(math.Floor(float64(e.at-f.offset)/float64(f.slide)))*f.slide + f.offset
	for end := first + f.slide; end <= first+f.size; end += f.slide {
		if f.water != math.MinInt64 && f.water >= end+f.lateness {
			continue
		}
		taken = true
		id := fmt.Sprint(e.key, "/", end)
		f.windows[id] = append(f.windows[id], e.item)
		f.ends[id], f.keys[id] = end, e.key
		if end <= f.water {
			lines = append(lines, f.text(id))
		}
	}
	if !taken {
		lines = append(lines, lateText(e.item.ID))
	}
	return lines
}

func (f *fixed) watermark(at int64) (lines []string) {
	var ids []string
	for id, end := range f.ends {
		if end > f.water && end <= at {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return int(f.ends[a] - f.ends[b]) })
	for _, id := range ids {
		lines = append(lines, f.text(id))
	}
	f.water = at
	return lines
}

// visits models sessions: each is a bag of items with their times.
type visits struct {
	gap, lateness, water int64
	all                  []*visit
	result               func([]item) any
}

type visit struct {
	key        string
	start, end int64
	items      []item
}

func newVisits(s Spec, result func([]item) any) *visits {
	second := int64(time.Second)
	return &visits{
		gap: int64(s.Gap) / second, lateness: int64(s.Lateness) / second,
		water: math.MinInt64, result: result,
	}
}

func (v *visits) text(x *visit) string { return paneText(x.key, sec(x.end), v.result(x.items)) }

func (v *visits) record(e event) []string {
	x := &visit{e.key, e.at, e.at + v.gap, nil}
	var rest []*visit
	for _, o := range v.all {
		if o.key == e.key && o.start < e.at+v.gap && e.at < o.end {
			x.start, x.end = min(x.start, o.start), max(x.end, o.end)
			x.items = append(x.items, o.items...)
		} else {
			rest = append(rest, o)
		}
	}
	if v.water != math.MinInt64 && x.end+v.lateness <= v.water {
		return []string{lateText(e.item.ID)}
	}
	x.items = append(x.items, e.item)
	v.all = append(rest, x)
	if x.end <= v.water {
		return []string{v.text(x)}
	}
	return nil
}

func (v *visits) watermark(at int64) (lines []string) {
	slices.SortStableFunc(v.all, func(a, b *visit) int { return int(a.end - b.end) })
	var rest []*visit
	for _, x := range v.all {
		if x.end > v.water && x.end <= at {
			lines = append(lines, v.text(x))
		}
		if x.end+v.lateness > at {
			rest = append(rest, x)
		}
	}
	v.all, v.water = rest, at
	return lines
}

// subject is an operator with the batches it takes.
type subject struct {
	t     *testing.T
	host  *host
	pool  *operator.KeyedPool[string, item]
	hash  func(string) uint64
	water operator.Timestamp
}

func (s *subject) batch(events []event) operator.Batch {
	b := s.pool.Get()
	for _, e := range events {
		b.Keys = append(b.Keys, e.key)
		b.Hashes = append(b.Hashes, s.hash(e.key))
		b.Values = append(b.Values, e.item)
		b.Times = append(b.Times, sec(e.at))
	}
	return b
}

// play passes one event, or a run of records as one batch, to the operator.
func (s *subject) play(events []event) []string {
	s.t.Helper()
	e := events[0]
	if !e.water {
		return s.host.process(e.side, s.batch(events))
	}
	s.water = sec(e.at)
	if e.close {
		s.water = operator.MaxTimestamp
	}
	return s.host.watermark(s.water)
}

// play passes the same events to a model.
func play(m model, events []event) (lines []string) {
	for _, e := range events {
		switch {
		case e.close:
			lines = append(lines, m.watermark(math.MaxInt32)...)
		case e.water:
			lines = append(lines, m.watermark(e.at)...)
		default:
			lines = append(lines, m.record(e)...)
		}
	}
	return lines
}

// aggregated makes an aggregating operator's subject.
func aggregated[A, R any](t *testing.T, spec Spec, a agg.Aggregate[item, A, R]) *subject {
	hash := hashOf[string](t)
	out, late := operator.NewPool[Pane[string, R]](), operator.NewPool[item]()
	h := newHost(t, func() operator.Operator { return NewAggregate(spec, a, hash, out, late) })
	h.print = printPanes[R](t, spec)
	return &subject{t: t, host: h, pool: operator.NewKeyedPool[string, item](), hash: hash,
		water: operator.MinTimestamp}
}

// compare runs a story through an operator in three ways and through a model:
// a record a call, whole runs a call, and restored between any two calls.
func compare(t *testing.T, r *rand.Rand, sides int, mk func() *subject, m model) {
	t.Helper()
	events := story(r, 200, sides)
	single, batched, restored := mk(), mk(), mk()
	var wantLate int
	for i := 0; i < len(events); {
		n := 1
		for !events[i].water && i+n < len(events) && !events[i+n].water && n < 20 &&
			events[i].side == events[i+n].side {
			n++
		}
		var got []string
		for j := i; j < i+n; j++ {
			if r.IntN(4) == 0 {
				restored.host.crash(restored.water)
			} else if r.IntN(4) == 0 {
				restored.host.checkpoint()
			}
			line := single.play(events[j : j+1])
			if again := restored.play(events[j : j+1]); !slices.Equal(again, line) {
				t.Fatalf("event %d %+v, restored before:\ngot  %q\nwant %q", j, events[j], again, line)
			}
			got = append(got, line...)
		}
		if whole := batched.play(events[i : i+n]); !sameLines(whole, got) {
			t.Fatalf("event %d, batch of %d:\ngot  %q\nwant %q", i, n, whole, got)
		}
		want := play(m, events[i:i+n])
		if !sameLines(got, want) {
			t.Fatalf("event %d %+v\ngot  %q\nwant %q", i, events[i], got, want)
		}
		for _, l := range want {
			if l[:4] == "late" {
				wantLate++
			}
		}
		i += n
	}
	for _, s := range []*subject{single, batched, restored} {
		if s.host.count["late"] != wantLate {
			t.Errorf("late counts %d, want %d", s.host.count["late"], wantLate)
		}
		if n := s.host.rt.State.Entries(); n != 0 {
			t.Errorf("%d entries are left at the end", n)
		}
	}
}

// sameLines compares what came out of one call, where keys may take any turn.
func sameLines(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// bag is an aggregate that changes its accumulator in place and notices when
// something is merged into it twice.
func bag() agg.Aggregate[item, map[int64]int, []int64] {
	return agg.Aggregate[item, map[int64]int, []int64]{
		New: func() map[int64]int { return map[int64]int{} },
		Add: func(a map[int64]int, i item) map[int64]int { a[i.ID]++; return a },
		Merge: func(a, b map[int64]int) map[int64]int {
			for id, n := range b {
				a[id] += n
			}
			return a
		},
		Result: func(a map[int64]int) []int64 {
			var all []int64
			for id, n := range a {
				all = append(all, slices.Repeat([]int64{id}, n)...)
			}
			slices.Sort(all)
			return all
		},
	}
}

func total(items []item) any {
	sum := int64(0)
	for _, i := range items {
		sum += i.N
	}
	return sum
}

func highest(items []item) any {
	return slices.MaxFunc(items, func(a, b item) int { return int(a.N - b.N) }).N
}

func ids(items []item) any {
	var all []int64
	for _, i := range items {
		all = append(all, i.ID)
	}
	slices.Sort(all)
	return all
}

func specs() []Spec {
	s := time.Second
	return []Spec{
		Tumbling(10 * s), Tumbling(7 * s).WithOffset(3 * s).AllowLateness(15 * s),
		Sliding(10*s, 5*s), Sliding(12*s, s), Sliding(40*s, 2*s).AllowLateness(9 * s),
		Sliding(9*s, 3*s).WithOffset(-100 * s).AllowLateness(100 * s), Sliding(6*s, 6*s),
		Session(5 * s), Session(3 * s).AllowLateness(20 * s), Session(30 * s).AllowLateness(5 * s),
	}
}

func modelOf(s Spec, result func([]item) any) model {
	if s.Kind == SessionKind {
		return newVisits(s, result)
	}
	return newFixed(s, result)
}

// TestAggregateAgainstModel compares all windows with naive models, for an
// aggregate that can subtract, one that cannot, and one with references.
func TestAggregateAgainstModel(t *testing.T) {
	number := func(i item) int64 { return i.N }
	for _, spec := range specs() {
		t.Run(spec.String(), func(t *testing.T) {
			for seed := range uint64(5) {
				r := rand.New(rand.NewPCG(seed, 1))
				compare(t, r, 1, func() *subject { return aggregated(t, spec, agg.Sum(number)) },
					modelOf(spec, total))
				compare(t, r, 1, func() *subject { return aggregated(t, spec, agg.Max(number)) },
					modelOf(spec, highest))
				for _, commutative := range []bool{false, true} {
					bag := bag()
					bag.Commutative = commutative
					compare(t, r, 1, func() *subject { return aggregated(t, spec, bag) },
						modelOf(spec, ids))
				}
			}
		})
	}
}
