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

// matched is what pairs with a record in Match: all of the other side that
// came before.
func matched(before []side, now side) (found []side) {
	for _, b := range before {
		if b.left != now.left && b.v[:1] == now.v[:1] {
			found = append(found, b)
		}
	}
	return found
}

// attached is what pairs with a record in Attach: for a right one the latest
// left; for the first left all right ones, which have waited for it.
func attached(before []side, now side) []side {
	rights := matched(before, side{left: true, v: now.v})
	lefts := matched(before, side{left: false, v: now.v})
	switch {
	case now.left && len(lefts) == 0:
		return rights
	case !now.left && len(lefts) > 0:
		return lefts[len(lefts)-1:]
	}
	return nil
}

func matching(l, r dataflow.Keyed[string, string], opts ...dataflow.JoinOption,
) dataflow.Stream[string] {
	return dataflow.Match(l, "step", r, paired, opts...)
}

func attaching(l, r dataflow.Keyed[string, string], opts ...dataflow.JoinOption,
) dataflow.Stream[string] {
	return dataflow.Attach(l, "step", r, paired, opts...)
}

// joins are the joins without windows and their models.
var joins = []struct {
	name  string
	stage func(l, r dataflow.Keyed[string, string], opts ...dataflow.JoinOption) dataflow.Stream[string]
	model func(before []side, now side) []side
}{
	{"match", matching, matched},
	{"attach", attaching, attached},
}

func TestJoinsAsModelled(t *testing.T) {
	for _, j := range joins {
		for seed := range uint64(5) {
			all := sides(seed)
			want, at := pairs(all, j.model)
			t.Run(fmt.Sprint(j.name, seed), func(t *testing.T) {
				dataflowtest.Operator2(t, script2(all), func(l, r dataflow.Stream[string]) {
					out := j.stage(dataflow.KeyBy(l, "lefts", first), dataflow.KeyBy(r, "rights", first))
					dataflowtest.Expect(out, "out", want...).At(at...)
				})
			})
		}
	}
}

// TestJoinsInAnyOrder has the same records come in several orders. With one
// left record for each key, both joins pair it with all right ones.
func TestJoinsInAnyOrder(t *testing.T) {
	var all []side
	var want []string
	for _, key := range []string{"a", "b", "c", "d"} { // d has no left record
		if key != "d" {
			all = append(all, side{true, key + "!", 20 * sec})
		}
		for i := range 10 {
			r := side{false, fmt.Sprint(key, i), time.Duration(10+2*i) * sec}
			if all = append(all, r); key != "d" {
				want = append(want, paired(key, key+"!", r.v))
			}
		}
	}
	for _, j := range joins {
		for seed := range uint64(5) {
			rand.New(rand.NewPCG(seed, 2)).Shuffle(len(all), func(a, b int) {
				all[a], all[b] = all[b], all[a]
			})
			f := fleetOf(t, func(l, r dataflow.Keyed[string, string]) dataflow.Stream[string] {
				return j.stage(l, r)
			})
			f.process(all...)
			slices.Sort(f.got)
			if !slices.Equal(f.got, want) {
				t.Errorf("%s, order %d: got %q, want %q", j.name, seed, f.got, want)
			}
		}
	}
}

func TestJoinsForgetAfterTTL(t *testing.T) {
	script := dataflowtest.NewScript2[string, string]().
		Left(1*sec, "a1").Right(5*sec, "a2"). // within ten seconds
		Right(12*sec, "a3").                  // too late for a1
		Left(20*sec, "a4").                   // meets a3, not a2
		Watermark(40*sec).
		Left(41*sec, "a5").Right(42*sec, "a6")
	for _, j := range joins {
		want := []string{"a:a1+a2", "a:a4+a3", "a:a5+a6"}
		if j.name == "match" { // a list lives on with its last record
			want = []string{"a:a1+a2", "a:a4+a2", "a:a4+a3", "a:a5+a6"}
		}
		t.Run(j.name, func(t *testing.T) {
			dataflowtest.Operator2(t, script, func(l, r dataflow.Stream[string]) {
				out := j.stage(dataflow.KeyBy(l, "lefts", first), dataflow.KeyBy(r, "rights", first),
					dataflow.TTL(10*sec), dataflow.Parallelism(2))
				dataflowtest.Expect(out, "out", want...)
			})
		})
	}
}

// remembered are the records of one side and key that a side with a time to
// live still has at a moment: those since it last heard of none for so long.
func remembered(same []side, now, ttl time.Duration) []side {
	from := 0
	for i := range same {
		if i > 0 && same[i].at-same[i-1].at >= ttl {
			from = i
		}
	}
	if n := len(same); n == 0 || now-same[n-1].at >= ttl {
		return nil
	}
	return same[from:]
}

const modelTTL = 4 * sec

func matchedWithin(before []side, now side) []side {
	return remembered(matched(before, now), now.at, modelTTL)
}

// attachedWithin goes through the records of the key: those that wait do so
// until a left record takes them, or they are forgotten.
func attachedWithin(before []side, now side) (found []side) {
	var one, waiting []side
	for _, b := range append(slices.Clone(before), now) {
		switch {
		case b.v[:1] != now.v[:1]:
			continue
		case b.left:
			found = remembered(waiting, b.at, modelTTL)
			one, waiting = []side{b}, nil
			continue
		}
		if found = remembered(one, b.at, modelTTL); found == nil {
			waiting = append(waiting, b)
		}
	}
	return found
}

// TestJoinsWithinTTLAsModelled has records come in order of time, as the
// watermark follows them.
func TestJoinsWithinTTLAsModelled(t *testing.T) {
	models := []func([]side, side) []side{matchedWithin, attachedWithin}
	for i, j := range joins {
		for seed := range uint64(5) {
			all := sides(seed)
			slices.SortStableFunc(all, func(a, b side) int { return int(a.at - b.at) })
			want, at := pairs(all, models[i])
			if free, _ := pairs(all, j.model); len(want) == 0 || len(want) >= len(free) {
				t.Fatalf("%d of %d pairs are within the time to live", len(want), len(free))
			}
			s := dataflowtest.NewScript2[string, string]()
			for n, r := range all {
				if r.left {
					s.Left(r.at, r.v)
				} else {
					s.Right(r.at, r.v)
				}
				if n%3 == 0 {
					s.Watermark(r.at)
				}
			}
			t.Run(fmt.Sprint(j.name, seed), func(t *testing.T) {
				dataflowtest.Operator2(t, s, func(l, r dataflow.Stream[string]) {
					out := j.stage(dataflow.KeyBy(l, "lefts", first),
						dataflow.KeyBy(r, "rights", first), dataflow.TTL(modelTTL))
					dataflowtest.Expect(out, "out", want...).At(at...)
				})
			})
		}
	}
}
