package window

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// matches models joins of fixed windows and of sessions: every record is put
// into each of its windows, every window is paired in two loops.
type matches struct {
	spec    Spec
	water   int64
	windows []*matched
	whole   bool // print groups, also those with one side only
}

type matched struct {
	key        string
	start, end int64
	sides      [2][]int64
}

func pairText(key string, end, l, r int64) string {
	return fmt.Sprintf("%s until %d: %d with %d", key, end, l, r)
}

func groupText(key string, end int64, l, r []int64) string {
	return fmt.Sprintf("%s until %d: %v and %v", key, end, l, r)
}

func (m *matches) text(w *matched, left, right []int64) (lines []string) {
	if m.whole {
		return []string{groupText(w.key, w.end, w.sides[0], w.sides[1])}
	}
	for _, l := range left {
		for _, r := range right {
			lines = append(lines, pairText(w.key, w.end, l, r))
		}
	}
	return lines
}

func (m *matches) lateness() int64 { return int64(m.spec.Lateness / time.Second) }

func (m *matches) record(e event) []string {
	if m.spec.Kind == SessionKind {
		return m.visit(e)
	}
	late, lines := true, []string(nil)
	size, slide := int64(m.spec.Size/time.Second), int64(m.spec.Slide/time.Second)
	offset := int64(m.spec.Offset / time.Second)
	first := int64(math.Floor(float64(e.at-offset)/float64(slide)))*slide + offset
	for end := first + slide; end <= first+size; end += slide {
		if m.water != math.MinInt64 && m.water >= end+m.lateness() {
			continue
		}
		late = false
		i := slices.IndexFunc(m.windows, func(w *matched) bool {
			return w.key == e.key && w.end == end
		})
		if i < 0 {
			i = len(m.windows)
			m.windows = append(m.windows, &matched{key: e.key, end: end})
		}
		w := m.windows[i]
		w.sides[e.side] = append(w.sides[e.side], e.item.ID)
		if end <= m.water {
			one := w.sides
			one[e.side] = []int64{e.item.ID}
			lines = append(lines, m.text(w, one[0], one[1])...)
		}
	}
	if late {
		return []string{lateText(e.item.ID)}
	}
	return lines
}

func (m *matches) visit(e event) []string {
	w := &matched{key: e.key, start: e.at, end: e.at + int64(m.spec.Gap/time.Second)}
	var rest []*matched
	own := w.end
	for _, o := range m.windows {
		if o.key == e.key && o.start < own && e.at < o.end {
			w.start, w.end = min(w.start, o.start), max(w.end, o.end)
			for side := range w.sides {
				w.sides[side] = append(w.sides[side], o.sides[side]...)
			}
		} else {
			rest = append(rest, o)
		}
	}
	if m.water != math.MinInt64 && w.end+m.lateness() <= m.water {
		return []string{lateText(e.item.ID)}
	}
	w.sides[e.side] = append(w.sides[e.side], e.item.ID)
	slices.Sort(w.sides[0])
	slices.Sort(w.sides[1])
	m.windows = append(rest, w)
	if w.end <= m.water {
		return m.text(w, w.sides[0], w.sides[1])
	}
	return nil
}

func (m *matches) watermark(at int64) (lines []string) {
	var rest []*matched
	for _, w := range m.windows {
		if w.end > m.water && w.end <= at {
			lines = append(lines, m.text(w, w.sides[0], w.sides[1])...)
		}
		if w.end+m.lateness() > at {
			rest = append(rest, w)
		}
	}
	m.windows, m.water = rest, at
	return lines
}

// joined makes the subject of a join or a co-group of items by their IDs. The
// results leave out the window's end, which is in their event time.
func joined(t *testing.T, spec Spec, whole bool) *subject {
	hash := hashOf[string](t)
	pools := JoinPools[item, item, string]{
		operator.NewPool[string](), operator.NewPool[item](), operator.NewPool[item](),
	}
	mk := func() operator.Operator {
		if whole {
			return NewCoGroup(spec, groupItems, hash, pools)
		}
		return NewJoin(spec, func(k string, l, r item) string {
			return pairText(k, 0, l.ID, r.ID)
		}, hash, pools)
	}
	h := newHost(t, mk)
	h.print = func(port int, b operator.Batch) (lines []string) {
		switch b := b.(type) {
		case *operator.Records[string]:
			for i, s := range b.Values {
				end := fmt.Sprintf("until %d:", seconds(b.Times[i]+1))
				var key, rest string
				fmt.Sscanf(s, "%s until 0:", &key)
				rest = s[len(key)+len(" until 0:"):]
				lines = append(lines, key+" "+end+rest)
			}
		case *operator.Records[item]:
			for _, v := range b.Values {
				if want := 1 + int(v.N); port != want {
					t.Errorf("a late record of side %d came out of port %d", v.N, port)
				}
				lines = append(lines, lateText(v.ID))
			}
		}
		return lines
	}
	return &subject{t: t, host: h, pool: operator.NewKeyedPool[string, item](), hash: hash,
		water: operator.MinTimestamp}
}

func groupItems(k string, left, right []item) iter.Seq[string] {
	list := func(items []item) (ids []int64) {
		for _, i := range items {
			ids = append(ids, i.ID)
		}
		return ids
	}
	return func(yield func(string) bool) { yield(groupText(k, 0, list(left), list(right))) }
}

func TestJoinAgainstModel(t *testing.T) {
	for _, spec := range specs() {
		t.Run(spec.String(), func(t *testing.T) {
			for seed := range uint64(5) {
				for _, whole := range []bool{false, true} {
					r := rand.New(rand.NewPCG(seed, 2))
					compare(t, r, 2, func() *subject { return joined(t, spec, whole) },
						&matches{spec: spec, water: math.MinInt64, whole: whole})
				}
			}
		})
	}
}
