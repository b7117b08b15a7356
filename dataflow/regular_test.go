package dataflow_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
)

// side is one record of a random script: "a3" is record 3 of key a.
type side struct {
	left bool
	v    string
	at   time.Duration
}

// sides are random records of both sides of a join, out of order.
func sides(seed uint64) (all []side) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range 60 {
		key := string(rune('a' + rng.IntN(4)))
		all = append(all, side{
			rng.IntN(3) == 0, fmt.Sprint(key, i), time.Duration(1+rng.IntN(50)) * sec,
		})
	}
	return all
}

func script2(all []side) *dataflowtest.Script2[string, string] {
	s := dataflowtest.NewScript2[string, string]()
	for _, r := range all {
		if r.left {
			s.Left(r.at, r.v)
		} else {
			s.Right(r.at, r.v)
		}
	}
	return s
}

func paired(k, l, r string) string { return k + ":" + l + "+" + r }

// pairs is what a join emits for the records, a pair for each that join lets
// through: the records before i, the record i.
func pairs(all []side, join func(before []side, now side) []side) (want []string, at []time.Duration) {
	for i, now := range all {
		for _, other := range join(all[:i], now) {
			l, r := now, other
			if !now.left {
				l, r = other, now
			}
			want = append(want, paired(now.v[:1], l.v, r.v))
			at = append(at, max(l.at, r.at))
		}
	}
	return want, at
}

func TestMatchPairsAll(t *testing.T) {
	for seed := range uint64(5) {
		all := sides(seed)
		want, at := pairs(all, func(before []side, now side) (found []side) {
			for _, b := range before {
				if b.left != now.left && b.v[:1] == now.v[:1] {
					found = append(found, b)
				}
			}
			return found
		})
		dataflowtest.Operator2(t, script2(all), func(l, r dataflow.Stream[string]) {
			out := dataflow.Match(dataflow.KeyBy(l, "lefts", first), "match",
				dataflow.KeyBy(r, "rights", first), paired)
			dataflowtest.Expect(out, "out", want...).At(at...)
		})
	}
}

func TestAttachFindsTheOne(t *testing.T) {
	for seed := range uint64(5) {
		all := sides(seed)
		want, at := pairs(all, func(before []side, now side) (found []side) {
			for _, b := range slices.Backward(before) {
				switch {
				case b.v[:1] != now.v[:1]:
				case !now.left && b.left:
					return []side{b} // the latest left
				case now.left && b.left:
					slices.Reverse(found) // those that waited since
					return found
				case now.left:
					found = append(found, b)
				}
			}
			slices.Reverse(found)
			if !now.left {
				return nil
			}
			return found
		})
		// What came between two lefts met the first of them and waits no more.
		want, at = metOnce(want, at)
		dataflowtest.Operator2(t, script2(all), func(l, r dataflow.Stream[string]) {
			out := dataflow.Attach(dataflow.KeyBy(l, "ones", first), "attach",
				dataflow.KeyBy(r, "manies", first), paired)
			dataflowtest.Expect(out, "out", want...).At(at...)
		})
	}
}

// metOnce keeps the first pair of each right record.
func metOnce(pairs []string, at []time.Duration) (once []string, when []time.Duration) {
	seen := map[string]bool{}
	for i, p := range pairs {
		right := p[slices.Index([]byte(p), '+'):]
		if !seen[right] {
			seen[right] = true
			once, when = append(once, p), append(when, at[i])
		}
	}
	return once, when
}

func TestJoinsForgetAfterTTL(t *testing.T) {
	script := dataflowtest.NewScript2[string, string]().
		Left(1*sec, "a1").Right(5*sec, "a2"). // within ten seconds
		Right(12*sec, "a3").                  // too late for a1
		Left(20*sec, "a4").                   // meets a3, not a2
		Watermark(40*sec).
		Left(41*sec, "a5").Right(42*sec, "a6")
	stages := map[string]func(l, r dataflow.Keyed[string, string]) dataflow.Stream[string]{
		"match": func(l, r dataflow.Keyed[string, string]) dataflow.Stream[string] {
			return dataflow.Match(l, "join", r, paired, dataflow.TTL(10*sec), dataflow.Parallelism(2))
		},
		"attach": func(l, r dataflow.Keyed[string, string]) dataflow.Stream[string] {
			return dataflow.Attach(l, "join", r, paired, dataflow.TTL(10*sec), dataflow.Parallelism(2))
		},
	}
	for name, stage := range stages {
		t.Run(name, func(t *testing.T) {
			dataflowtest.Operator2(t, script, func(l, r dataflow.Stream[string]) {
				out := stage(dataflow.KeyBy(l, "lefts", first), dataflow.KeyBy(r, "rights", first))
				want := []string{"a:a1+a2", "a:a4+a3", "a:a5+a6"}
				if name == "match" { // a list lives on with its last record
					want = []string{"a:a1+a2", "a:a4+a2", "a:a4+a3", "a:a5+a6"}
				}
				dataflowtest.Expect(out, "out", want...)
			})
		})
	}
}

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

// TestTopIsTheTop compares the rows with all records so far, sorted.
func TestTopIsTheTop(t *testing.T) {
	const n = 5
	s := dataflowtest.NewScript[int]()
	var all []int
	var want []dataflow.Ranked[int, int]
	for _, v := range rand.New(rand.NewPCG(3, 4)).Perm(200) {
		s.At(sec, v)
		old := all[:min(n, len(all))]
		all = slices.Sorted(slices.Values(append(slices.Clone(all), v)))
		for i, v := range all[:min(n, len(all))] {
			if i >= len(old) || old[i] != v {
				want = append(want, dataflow.Ranked[int, int]{Rank: i + 1, Value: v})
			}
		}
	}
	dataflowtest.Operator(t, s, func(s dataflow.Stream[int]) {
		out := dataflow.Top(dataflow.KeyBy(s, "one", func(int) int { return 0 }), "top", n,
			func(a, b int) bool { return a < b })
		dataflowtest.Expect(out, "out", want...)
	})
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

func TestFilterMap(t *testing.T) {
	dataflowtest.Operator(t, script().At(1, "a1", "b1", "a2").At(2, "b2"),
		func(s dataflow.Stream[string]) {
			out := dataflow.FilterMap(s, "as", func(v string) (int, bool) {
				return int(v[1] - '0'), v[0] == 'a'
			})
			dataflowtest.Expect(out, "out", 1, 2).At(1, 1)
		})
}
