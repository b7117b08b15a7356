package dataflow_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

func TestTopEmitsTheRanksThatChange(t *testing.T) {
	rank := func(s dataflow.Stream[string]) dataflow.Stream[dataflow.Ranked[string, string]] {
		return dataflow.Top(dataflow.KeyBy(s, "by-letter", first), "top", 2,
			func(a, b string) bool { return a[1] > b[1] })
	}
	row := func(rank int, v string) dataflow.Ranked[string, string] {
		return dataflow.Ranked[string, string]{Key: v[:1], Rank: rank, Value: v}
	}
	dataflowtest.Operator(t, script().
		At(1, "a5").At(2, "a3", "b1").At(3, "a5-", "a1").At(4, "a9", "b0"),
		func(s dataflow.Stream[string]) {
			dataflowtest.Expect(rank(s), "out",
				row(1, "a5"), row(2, "a3"), row(1, "b1"),
				row(2, "a5-"), // an equal one ranks after the earlier
				row(1, "a9"), row(2, "a5"), row(2, "b0"))
		})
}

// higher ranks records such as "a7.31": key a, worth 7, the 31st.
func higher(a, b string) bool { return a[1] > b[1] }

type row = dataflow.Ranked[string, string]

// ranking is a model of Top: it sorts all records of the key so far.
func ranking(n int, all []string) (rows []row) {
	seen := map[string][]string{}
	for _, v := range all {
		key := first(v)
		old := seen[key][:min(n, len(seen[key]))]
		now := append(slices.Clone(seen[key]), v)
		slices.SortStableFunc(now, func(a, b string) int { return int(b[1]) - int(a[1]) })
		seen[key] = now
		for i, v := range now[:min(n, len(now))] {
			if i >= len(old) || old[i] != v {
				rows = append(rows, row{Key: key, Rank: i + 1, Value: v})
			}
		}
	}
	return rows
}

// worths are random records of a few keys, many of which rank equal.
func worths(seed uint64, n int) (all []string) {
	rng := rand.New(rand.NewPCG(seed, 3))
	for i := range n {
		all = append(all, fmt.Sprintf("%c%d.%d", 'a'+rng.IntN(4), rng.IntN(10), i))
	}
	return all
}

func TestTopAsModelled(t *testing.T) {
	for seed := range uint64(5) {
		n, all := []int{1, 2, 3, 5, 100}[seed], worths(seed, 120)
		s := script()
		for i, v := range all {
			s.At(time.Duration(i)*sec, v)
		}
		t.Run(fmt.Sprint("first ", n), func(t *testing.T) {
			dataflowtest.Operator(t, s, func(s dataflow.Stream[string]) {
				out := dataflow.Top(dataflow.KeyBy(s, "by-letter", first), "top", n, higher)
				dataflowtest.Expect(out, "out", ranking(n, all)...)
			})
		})
	}
}

func TestTopOfNone(t *testing.T) {
	f := dataflow.Define("flow", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		s := dataflowtest.FromSlice(g, "in", []string{"a"})
		dataflow.Top(dataflow.KeyBy(s, "by-letter", first), "top", 0, higher)
	})
	_, err := f.Build(f.Params())
	if err == nil || !strings.Contains(err.Error(), "first 0 records of each key; want 1 or more") {
		t.Errorf("got %v, want an error that says how many are too few", err)
	}
}

// visits counts distinct visitors of pages, a record such as "p1+": page p,
// visitor 1, who bought something.
type visits struct{ visitors dataflow.Distinct[byte] }

func newVisits() *visits { return &visits{dataflow.NewDistinct[byte]("visitors")} }

func (x *visits) Process(c *dataflow.Context[string, string], v string) error {
	classes := uint64(1)
	switch v[2:] {
	case "+":
		classes |= 2
	case "!":
		return x.visitors.Clear(c)
	}
	fresh, err := x.visitors.Add(c, v[1], classes)
	c.Emit(fmt.Sprintf("%s %02b", v, fresh))
	return err
}

func TestDistinct(t *testing.T) {
	dataflowtest.Operator(t, script().
		At(1, "p1", "p2+", "p1", "q1").At(2, "p1+", "p2").At(3, "p0!", "p1+"),
		func(s dataflow.Stream[string]) {
			out := dataflow.Process(dataflow.KeyBy(s, "by-page", first), "visits", newVisits)
			dataflowtest.Expect(out, "out",
				"p1 01", "p2+ 11", "p1 00", "q1 01", "p1+ 10", "p2 00", "p1+ 11")
		})
}

// freshness is a model of visits: a map for each page.
func freshness(all []string) (lines []string) {
	seen := map[string]int{}
	for _, v := range all {
		if v[2:] == "!" {
			maps.DeleteFunc(seen, func(k string, _ int) bool { return k[:1] == v[:1] })
			continue
		}
		classes := 1
		if v[2:] == "+" {
			classes |= 2
		}
		lines = append(lines, fmt.Sprintf("%s %02b", v, classes&^seen[v[:2]]))
		seen[v[:2]] |= classes
	}
	return lines
}

// clicks are random records for visits.
func clicks(seed uint64, n int) (all []string) {
	rng := rand.New(rand.NewPCG(seed, 4))
	for range n {
		what := []string{"", "", "", "+", "+", "!"}[rng.IntN(6)]
		if what == "!" && rng.IntN(3) > 0 {
			what = ""
		}
		all = append(all, fmt.Sprintf("%c%d%s", 'a'+rng.IntN(3), rng.IntN(10), what))
	}
	return all
}

func TestDistinctAsModelled(t *testing.T) {
	for seed := range uint64(5) {
		all := clicks(seed, 150)
		dataflowtest.Operator(t, script().At(1, all...), func(s dataflow.Stream[string]) {
			out := dataflow.Process(dataflow.KeyBy(s, "by-page", first), "visits", newVisits)
			dataflowtest.Expect(out, "out", freshness(all)...)
		})
	}
}

func TestDistinctTakesAllClasses(t *testing.T) {
	const every = ^uint64(0)
	f := fleetOf(t, func(l, _ dataflow.Keyed[string, string]) dataflow.Stream[string] {
		return dataflow.Process(l, "step", func() *classes {
			return &classes{dataflow.NewDistinct[int]("seen")}
		})
	})
	f.process(side{left: true, v: "a"})
	want := []string{fmt.Sprint([]uint64{1 << 63, 0, every >> 1, 0})}
	if !slices.Equal(f.got, want) {
		t.Errorf("the last class, again, all, again: got %q, want %q", f.got, want)
	}
}

// classes adds a value with the last class and with all, twice each.
type classes struct{ seen dataflow.Distinct[int] }

func (x *classes) Process(c *dataflow.Context[string, string], _ string) error {
	var all []uint64
	for _, classes := range []uint64{1 << 63, 1 << 63, ^uint64(0), ^uint64(0)} {
		fresh, err := x.seen.Add(c, 7, classes)
		if err != nil {
			return err
		}
		all = append(all, fresh)
	}
	c.Emit(fmt.Sprint(all))
	return nil
}

func TestFilterMap(t *testing.T) {
	dataflowtest.Operator(t, script().At(1, "a1", "b1", "a2").At(2, "b2"),
		func(s dataflow.Stream[string]) {
			out := dataflow.FilterMap(s, "as", func(v string) (int, bool) {
				return int(v[1] - '0'), v[0] == 'a'
			})
			dataflowtest.Expect(out, "out", 1, 2).At(1, 1)
		})
}

func TestFilterMapAsModelled(t *testing.T) {
	for seed := range uint64(3) {
		all := worths(seed, 100)
		var want []int
		var at []time.Duration
		s := script()
		for i, v := range all {
			if s.At(time.Duration(i)*sec, v); v[1] > '4' {
				want, at = append(want, int(v[1])), append(at, time.Duration(i)*sec)
			}
		}
		dataflowtest.Operator(t, s, func(s dataflow.Stream[string]) {
			out := dataflow.FilterMap(s, "fives", func(v string) (int, bool) {
				return int(v[1]), v[1] > '4'
			})
			dataflowtest.Expect(out, "out", want...).At(at...)
		})
	}
}

// TestFilterMapNamesTheRecord has the function panic.
func TestFilterMapNamesTheRecord(t *testing.T) {
	op := openedStep(t, nil, func(g *dataflow.Graph) {
		dataflow.FilterMap(dataflowtest.FromSlice(g, "in", []int{1}), "step",
			func(v int) (int, bool) { return 12 / v, true })
	})
	in := operator.NewPool[int]().Get()
	for _, v := range []int{3, 0} {
		in.Append(v, 0)
	}
	if err := op.Process(0, in, nothing{}); err == nil || !strings.Contains(err.Error(), "record 0") {
		t.Errorf("got %v, want an error with the record 0", err)
	}
}

// TestImproving lets through what beats all before it, as a loop would.
func TestImproving(t *testing.T) {
	improving := func(s dataflow.Stream[string], opts ...dataflow.JoinOption) dataflow.Stream[string] {
		return dataflow.Improving(dataflow.KeyBy(s, "by-letter", first), "best",
			func(v string) byte { return v[1] }, func(a, b byte) bool { return a > b }, opts...)
	}
	s, best := script(), map[string]byte{}
	var want []string
	for i, v := range worths(9, 200) {
		s.At(time.Duration(i)*sec, v)
		if b, any := best[first(v)]; !any || v[1] > b {
			best[first(v)] = v[1]
			want = append(want, v)
		}
	}
	dataflowtest.Operator(t, s, func(s dataflow.Stream[string]) {
		dataflowtest.Expect(improving(s), "out", want...)
	})
}
