package agg

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

type rec struct {
	ID   int
	N    int64
	F    float64
	Name string
}

func records(r *rand.Rand, n int) []rec {
	all := make([]rec, n)
	for i := range all {
		all[i] = rec{i, r.Int64N(20) - 10, float64(r.Int64N(64)) / 8, fmt.Sprint(r.IntN(9))}
	}
	return all
}

func number(r rec) int64     { return r.N }
func fraction(r rec) float64 { return r.F }
func byNumber(a, b rec) bool { return a.N < b.N }

// fold adds up records.
func fold[A, R any](g Aggregate[rec, A, R], all []rec) A {
	a := g.Zero()
	for _, r := range all {
		a = g.Add(a, r)
	}
	return a
}

// encode shows an accumulator as the bytes it has in a checkpoint.
func encode[A any](t *testing.T, a A) string {
	t.Helper()
	c, err := codec.For[A]()
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Append(nil, &a)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// law checks an aggregate against want, a plain function of all records, and
// that it may be cut into parts anywhere, saved, restored and subtracted.
func law[A, R any](t *testing.T, g Aggregate[rec, A, R], want func([]rec) R) {
	t.Run(g.Name, func(t *testing.T) {
		for seed := range uint64(200) {
			r := rand.New(rand.NewPCG(seed, 3))
			all := records(r, r.IntN(30))
			result := fmt.Sprint(want(all))
			whole := fold(g, all)
			if got := fmt.Sprint(g.Result(whole)); got != result {
				t.Fatalf("%v: got %s, want %s", all, got, result)
			}
			i := r.IntN(len(all) + 1)
			j := i + r.IntN(len(all)-i+1)
			a, b, c := fold(g, all[:i]), fold(g, all[i:j]), fold(g, all[j:])
			before := encode(t, b)
			left := g.Merge(g.Merge(fold(g, all[:i]), b), c)
			right := g.Merge(a, g.Merge(fold(g, all[i:j]), c))
			if l, r := fmt.Sprint(g.Result(left)), fmt.Sprint(g.Result(right)); l != result || r != result {
				t.Fatalf("%v cut at %d and %d: got %s and %s, want %s", all, i, j, l, r, result)
			}
			if encode(t, b) != before {
				t.Fatalf("merging changed the second accumulator")
			}
			if g.Subtract != nil {
				rest := g.Subtract(g.Subtract(left, fold(g, all[:i])), c)
				if got, want := fmt.Sprint(g.Result(rest)), fmt.Sprint(want(all[i:j])); got != want {
					t.Fatalf("%v without its ends: got %s, want %s", all, got, want)
				}
			}
			saved(t, g, whole, result)
		}
	})
}

// saved checks that an accumulator gives its result after a restore too.
func saved[A, R any](t *testing.T, g Aggregate[rec, A, R], a A, result string) {
	c, err := codec.For[A]()
	if err != nil {
		t.Fatal(err)
	}
	var back A
	if _, err := c.Decode([]byte(encode(t, a)), &back); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(g.Result(g.Merge(g.Zero(), back))); got != result {
		t.Fatalf("restored: got %s, want %s", got, result)
	}
}

func TestLaws(t *testing.T) {
	sum := func(all []rec) (n int64) {
		for _, r := range all {
			n += r.N
		}
		return n
	}
	mean := func(all []rec) float64 {
		if len(all) == 0 {
			return 0
		}
		return float64(sum(all)) / float64(len(all))
	}
	pick := func(all []rec, better func(a, b rec) bool) (best rec) {
		for i, r := range all {
			if i == 0 || better(r, best) {
				best = r
			}
		}
		return best
	}
	most := func(a, b rec) bool { return a.N > b.N }
	top := func(all []rec) []rec {
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(a, b rec) int { return cmp.Compare(b.N, a.N) })
		return all[:min(4, len(all))]
	}
	names := func(all []rec) []string {
		var names []string
		for _, r := range all {
			names = append(names, r.Name)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	name := func(r rec) string { return r.Name }

	law(t, Count[rec](), func(all []rec) int64 { return int64(len(all)) })
	law(t, Sum(number), sum)
	law(t, Mean(number), mean)
	law(t, Min(number), func(all []rec) int64 { return pick(all, byNumber).N })
	law(t, Max(number), func(all []rec) int64 { return pick(all, most).N })
	law(t, MinBy(byNumber), func(all []rec) rec { return pick(all, byNumber) })
	law(t, MaxBy(byNumber), func(all []rec) rec { return pick(all, most) })
	law(t, First[rec](), func(all []rec) rec { return pick(all, func(_, _ rec) bool { return false }) })
	law(t, Last[rec](), func(all []rec) rec { return pick(all, func(_, _ rec) bool { return true }) })
	law(t, TopN(4, byNumber), top)
	law(t, TopN(0, byNumber), func([]rec) []rec { return nil })
	law(t, MaxAll(number), func(all []rec) []rec {
		best := pick(all, most)
		return slices.DeleteFunc(slices.Clone(all), func(r rec) bool { return r.N < best.N })
	})
	law(t, Distinct(name), func(all []rec) int64 { return int64(len(names(all))) })
	law(t, DistinctValues(name), names)
	law(t, Tuple(Sum(number), Count[rec]()), func(all []rec) Pair[int64, int64] {
		return Pair[int64, int64]{sum(all), int64(len(all))}
	})
	law(t, Tuple(Distinct(name), TopN(4, byNumber)), func(all []rec) Pair[int64, []rec] {
		return Pair[int64, []rec]{int64(len(names(all))), top(all)}
	})
}

func TestSubtractOnlyWhereExact(t *testing.T) {
	if Sum(fraction).Subtract != nil || Mean(fraction).Subtract != nil {
		t.Error("floats offer Subtract, which would leave rounding errors behind")
	}
	if Sum(number).Subtract == nil || Tuple(Sum(number), Mean(number)).Subtract == nil {
		t.Error("integers lack Subtract")
	}
	if Tuple(Sum(number), Max(number)).Subtract != nil {
		t.Error("a tuple with Max offers Subtract")
	}
}

// TestSumWraps holds Sum to what it says about overflow.
func TestSumWraps(t *testing.T) {
	g := Sum(func(v int8) int8 { return v })
	a := g.Add(g.Add(g.Zero(), 100), 100)
	if got := g.Result(a); got != -56 {
		t.Errorf("100+100 in an int8: got %d, want -56", got)
	}
	if got := g.Result(g.Subtract(a, 100)); got != 100 {
		t.Errorf("taking 100 back: got %d, want 100", got)
	}
}

// TestMeanPrecision compares with big rationals where a float64 sum, or an
// int64 one, is wrong.
func TestMeanPrecision(t *testing.T) {
	ints := []int64{math.MaxInt64, math.MaxInt64, math.MinInt64, 3, -math.MaxInt64, 7, 1<<53 + 1}
	sum := new(big.Int)
	g := Mean(func(v int64) int64 { return v })
	a := g.Zero()
	for _, v := range ints {
		sum.Add(sum, big.NewInt(v))
		a = g.Add(a, v)
	}
	want, _ := new(big.Rat).SetFrac(sum, big.NewInt(int64(len(ints)))).Float64()
	if got := g.Result(a); got != want {
		t.Errorf("mean of large integers: got %v, want %v", got, want)
	}
	u := Mean(func(v uint64) uint64 { return v })
	if got := u.Result(u.Add(u.Add(u.Zero(), math.MaxUint64), 1)); got != 1<<63 {
		t.Errorf("mean of 2^64-1 and 1: got %v, want 2^63", got)
	}
	f := Mean(func(v float64) float64 { return v })
	b := f.Zero()
	for range 10_000_000 / 100 {
		b = f.Add(b, 0.1)
	}
	for _, v := range []float64{1e16, 1, -1e16, -1} {
		b = f.Add(b, v)
	}
	if got, want := f.Result(b), 0.1*100_000/100_004; math.Abs(got-want) > 1e-17 {
		t.Errorf("mean of many tenths: got %v, want %v", got, want)
	}
}

func TestMeanOfInfinity(t *testing.T) {
	g := Mean(func(v float64) float64 { return v })
	a := g.Zero()
	for _, v := range []float64{1, math.Inf(1), 2} {
		a = g.Add(a, v)
	}
	if got := g.Result(a); !math.IsInf(got, 1) {
		t.Errorf("got %v, want +Inf", got)
	}
	if got := g.Result(g.Add(a, math.Inf(-1))); !math.IsNaN(got) {
		t.Errorf("with -Inf too: got %v, want NaN", got)
	}
}

// TestResultIsACopy checks that a list handed out stays as it was.
func TestResultIsACopy(t *testing.T) {
	g := TopN(3, byNumber)
	a := fold(g, []rec{{N: 1}, {N: 5}, {N: 3}})
	got := g.Result(a)
	g.Add(a, rec{N: 9})
	if want := []rec{{N: 5}, {N: 3}, {N: 1}}; !slices.Equal(got, want) {
		t.Errorf("after a later Add: got %v, want %v", got, want)
	}
}

func BenchmarkAdd(b *testing.B) {
	b.Run("mean", func(b *testing.B) { add(b, Mean(number)) })
	b.Run("top 10", func(b *testing.B) { add(b, TopN(10, byNumber)) })
}

func add[A, R any](b *testing.B, g Aggregate[rec, A, R]) {
	all := records(rand.New(rand.NewPCG(1, 1)), 1024)
	a := g.Zero()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		a = g.Add(a, all[i%1024])
		i++
	}
}
