package dataflow_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
)

// sale is a record of the tests: who bought for how much.
type sale struct {
	Who  string
	Paid int64
}

func who(s sale) string { return s.Who }
func paid(s sale) int64 { return s.Paid }

type update = dataflow.Update[string, int64]

func inserted(key string, after int64) update {
	return update{Key: key, Kind: dataflow.Inserted, After: after}
}

func changed(key string, before, after int64) update {
	return update{Key: key, Kind: dataflow.Changed, Before: before, After: after}
}

func deleted(key string, before int64) update {
	return update{Key: key, Kind: dataflow.Deleted, Before: before}
}

// sums is a table of what everybody has paid.
func sums(s dataflow.Stream[sale], name string) dataflow.Table[string, int64] {
	return dataflow.Fold(dataflow.KeyBy(s, name+" by name", who), name, agg.Sum(paid))
}

func TestFold(t *testing.T) {
	script := dataflowtest.NewScript[sale]().
		At(1*time.Second, sale{"a", 5}, sale{"b", 0}, sale{"a", 0}).
		Watermark(time.Hour).
		At(2*time.Second, sale{"b", 7}, sale{"a", -5})
	dataflowtest.Operator(t, script, func(s dataflow.Stream[sale]) {
		dataflowtest.Expect(sums(s, "sums").Updates(), "updates",
			inserted("a", 5), inserted("b", 0), changed("b", 0, 7), changed("a", 5, 0)).
			At(time.Second, time.Second, 2*time.Second, 2*time.Second)
	})
}

// sign groups sums.
func sign(_ string, sum int64) string {
	switch {
	case sum < 0:
		return "negative"
	case sum > 0:
		return "positive"
	}
	return "zero"
}

func TestRegroup(t *testing.T) {
	sum := agg.Sum(func(v int64) int64 { return v })
	script := dataflowtest.NewScript[sale]().
		At(1*time.Second, sale{"a", 5}, sale{"b", 7}, sale{"a", 1}, sale{"c", -3}).
		At(2*time.Second, sale{"a", -6}, sale{"b", 0}, sale{"c", 10}).
		At(3*time.Second, sale{"b", -8}, sale{"c", -7})
	dataflowtest.Operator(t, script, func(s dataflow.Stream[sale]) {
		groups := dataflow.Regroup(sums(s, "sums"), "groups", sign, sum)
		dataflowtest.Expect(groups.Updates(), "updates",
			inserted("positive", 5), changed("positive", 5, 12), changed("positive", 12, 13),
			inserted("negative", -3),
			changed("positive", 13, 7), inserted("zero", 0),
			deleted("negative", -3), changed("positive", 7, 14),
			changed("positive", 14, 7), inserted("negative", -1),
			deleted("positive", 7)). // c joins a in zero, whose sum stays 0
			At(1*sec, 1*sec, 1*sec, 1*sec, 2*sec, 2*sec, 2*sec, 2*sec, 3*sec, 3*sec, 3*sec)
	})
}

// orNone shows a row that may not be there.
func orNone(v *int64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprint(*v)
}

func TestJoinTables(t *testing.T) {
	type text = dataflow.Update[string, string]
	script := dataflowtest.NewScript2[sale, sale]().
		Left(1*sec, sale{"a", 5}).
		Right(2*sec, sale{"a", 6}, sale{"b", 1}).
		Left(3*sec, sale{"b", 0}, sale{"a", 0}, sale{"a", 100}).
		Right(4*sec, sale{"a", 1})
	dataflowtest.Operator2(t, script, func(l, r dataflow.Stream[sale]) {
		both := dataflow.JoinTables(sums(l, "left sums"), "join", sums(r, "right sums"),
			func(k string, a, b *int64) (string, bool) {
				if a == nil && b == nil {
					t.Error("a key without rows")
				}
				return orNone(a) + k + orNone(b), a == nil || *a < 100
			})
		dataflowtest.Expect(both.Updates(), "updates",
			text{Key: "a", Kind: dataflow.Inserted, After: "5a-"},
			text{Key: "a", Kind: dataflow.Changed, Before: "5a-", After: "5a6"},
			text{Key: "b", Kind: dataflow.Inserted, After: "-b1"},
			text{Key: "b", Kind: dataflow.Changed, Before: "-b1", After: "0b1"},
			text{Key: "a", Kind: dataflow.Deleted, Before: "5a6"})
	})
}

// TestJoinTablesForgets lets rows go on both sides.
func TestJoinTablesForgets(t *testing.T) {
	script := dataflowtest.NewScript2[sale, sale]().
		Left(1*sec, sale{"a", 1}).Right(1*sec, sale{"a", 1}).
		Left(2*sec, sale{"a", -1}).Right(2*sec, sale{"a", -1}).
		Right(3*sec, sale{"a", 4})
	count := agg.Count[int64]()
	dataflowtest.Operator2(t, script, func(l, r dataflow.Stream[sale]) {
		left := dataflow.Regroup(sums(l, "left sums"), "left signs", sign, count)
		right := dataflow.Regroup(sums(r, "right sums"), "right signs", sign, count)
		both := dataflow.JoinTables(left, "join", right,
			func(_ string, a, b *int64) (int64, bool) { return orZero(a) + 10*orZero(b), true })
		dataflowtest.Expect(both.Updates(), "updates",
			inserted("positive", 1), changed("positive", 1, 11),
			changed("positive", 11, 10), inserted("zero", 1),
			deleted("positive", 10), changed("zero", 1, 11),
			changed("zero", 11, 1), inserted("positive", 10))
	})
}

func orZero(v *int64) int64 {
	if v == nil {
		return 0
	}
	return *v
}

func TestLatest(t *testing.T) {
	script := dataflowtest.NewScript[sale]().
		Barrier().
		At(1*sec, sale{"a", 1}, sale{"b", 2}).At(2*sec, sale{"a", 3}).
		Barrier().Barrier().
		At(3*sec, sale{"b", 4}, sale{"a", 5}).Watermark(time.Minute).
		At(4*sec, sale{"c", 6}, sale{"b", 7})
	dataflowtest.Operator(t, script, func(s dataflow.Stream[sale]) {
		dataflowtest.Expect(dataflow.Latest(s, "cut", who, dataflow.AtBarrier()), "at barriers",
			sale{"a", 3}, sale{"b", 2}, sale{"b", 7}, sale{"a", 5}, sale{"c", 6}).
			At(2*sec, 1*sec, 4*sec, 3*sec, 4*sec)
		dataflowtest.Expect(dataflow.Latest(s, "last", who, dataflow.AtEnd()), "at the end",
			sale{"a", 5}, sale{"b", 7}, sale{"c", 6}).At(3*sec, 4*sec, 4*sec)
	})
}

// TestLatestOfLatest has one barrier pass two steps: the second releases what
// the first has.
func TestLatestOfLatest(t *testing.T) {
	script := dataflowtest.NewScript[sale]().Untimed(sale{"a", 1}, sale{"b", 1}, sale{"a", 2}).
		Barrier().Untimed(sale{"a", 3})
	dataflowtest.Operator(t, script, func(s dataflow.Stream[sale]) {
		first := dataflow.Latest(s, "first", who, dataflow.AtBarrier())
		all := func(sale) int { return 0 }
		dataflowtest.Expect(dataflow.Latest(first, "second", all, dataflow.AtBarrier()), "out",
			sale{"b", 1}, sale{"a", 3})
	})
}

// TestTableModel compares what random updates add up to with tables computed
// from the records, for every prefix of them.
func TestTableModel(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		script := dataflowtest.NewScript[sale]()
		paidBy, want := map[string]int64{}, map[int64]int64{}
		for range 100 {
			x := sale{string(rune('a' + r.IntN(6))), int64(r.IntN(5) - 2)}
			script.Untimed(x)
			paidBy[x.Who] += x.Paid
			if r.IntN(10) == 0 {
				script.Barrier()
			}
		}
		for _, p := range paidBy {
			want[p%3] += p
		}
		var rows []dataflow.Update[int64, int64]
		for _, g := range slices.Sorted(maps.Keys(want)) {
			rows = append(rows, dataflow.Update[int64, int64]{Key: g, After: want[g]})
		}
		dataflowtest.Operator(t, script, func(s dataflow.Stream[sale]) {
			groups := dataflow.Regroup(sums(s, "sums"), "groups",
				func(_ string, p int64) int64 { return p % 3 },
				agg.Sum(func(p int64) int64 { return p }))
			last := dataflow.Latest(groups.Updates(), "last",
				func(u dataflow.Update[int64, int64]) int64 { return u.Key }, dataflow.AtEnd())
			there := dataflow.Filter(last, "there", func(u dataflow.Update[int64, int64]) bool {
				return u.Kind != dataflow.Deleted
			})
			plain := dataflow.Map(there, "plain",
				func(u dataflow.Update[int64, int64]) dataflow.Update[int64, int64] {
					return dataflow.Update[int64, int64]{Key: u.Key, After: u.After}
				})
			dataflowtest.Expect(plain, "rows", rows...).InAnyOrder()
		})
	}
}

func TestTableMistakes(t *testing.T) {
	f := dataflow.Define("bad", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		s := dataflowtest.FromSlice(g, "in", []sale{{"a", 1}})
		table := sums(s, "sums")
		dataflow.Regroup(table, "greatest", sign, agg.Max(func(v int64) int64 { return v }))
		dataflow.Regroup(table, "empty", sign, agg.Aggregate[int64, int64, int64]{})
		dataflow.JoinTables(table, "any", table,
			func(string, *int64, *int64) (any, bool) { return nil, false })
		dataflow.Latest(s, "by any", func(sale) any { return nil }, dataflow.AtEnd())
	})
	_, err := f.Build(f.Params())
	if err == nil {
		t.Fatal("a flow full of mistakes was built")
	}
	for _, want := range []string{
		`step "greatest": aggregate "max" lacks Subtract`, `step "empty": aggregate ""`,
		`step "any": row:`, `step "by any": key:`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no mention of %q in\n%v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "table_test.go:"); n != 4 {
		t.Errorf("%d lines of this file in\n%v, want 4", n, err)
	}
}

// TestImpureGroups has a group lose a row that it never had.
func TestImpureGroups(t *testing.T) {
	n := 0
	f := dataflow.Define("impure", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		s := dataflowtest.FromSlice(g, "in", []sale{{"a", 1}, {"a", 1}})
		groups := dataflow.Regroup(sums(s, "sums"), "groups",
			func(string, int64) int { n++; return n }, agg.Count[int64]())
		dataflowtest.Collect(groups.Updates(), "out")
	})
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	j, err := actors.New(g, actors.Config{Restart: actors.RestartPolicy{UserAttempts: -1}})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	err = j.Run(t.Context())
	for _, want := range []string{`step "groups"`, "delete of row 1: its group 2 is empty"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}
