package dataflow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

func TestStatelessVerbs(t *testing.T) {
	script := dataflowtest.NewScript[string]().
		At(1*time.Second, "a b", "").
		At(3*time.Second, "c").
		Watermark(3*time.Second).
		At(2*time.Second, "b a b")
	dataflowtest.Operator(t, script, func(s dataflow.Stream[string]) {
		lengths := dataflow.Map(s, "length", func(l string) int { return len(l) })
		dataflowtest.Expect(lengths, "lengths", 3, 0, 1, 5).
			At(time.Second, time.Second, 3*time.Second, 2*time.Second)

		full := dataflow.Filter(s, "full", func(l string) bool { return l != "" })
		dataflowtest.Expect(full, "full lines", "a b", "c", "b a b").
			At(time.Second, 3*time.Second, 2*time.Second)

		words := dataflow.FlatMap(s, "words", strings.FieldsSeq)
		dataflowtest.Expect(words, "all words", "a", "b", "c", "b", "a", "b").
			At(time.Second, time.Second, 3*time.Second, 2*time.Second, 2*time.Second, 2*time.Second)

		few, many := dataflow.TryMap(s, "few", func(l string) (int, error) {
			if n := len(strings.Fields(l)); n < 3 {
				return n, nil
			}
			return 0, errors.New("too many words")
		})
		dataflowtest.Expect(few, "few words", 2, 0, 1)
		dataflowtest.Expect(many, "many words",
			dataflow.Failure[string]{Record: "b a b", Err: "too many words"})

		parts := dataflow.Branch(s, "branch",
			func(l string) bool { return strings.HasPrefix(l, "a") },
			func(l string) bool { return strings.HasSuffix(l, "b") })
		dataflowtest.Expect(parts[0], "begin with a", "a b")
		dataflowtest.Expect(parts[1], "end with b", "b a b")
		dataflowtest.Expect(parts[2], "others", "", "c")

		dataflowtest.Expect(dataflow.Union(parts[1], "union", parts[2]), "both", "", "c", "b a b").
			InAnyOrder()
	})
}

func TestRolling(t *testing.T) {
	type count = dataflow.Entry[string, int64]
	script := dataflowtest.NewScript[string]().
		Untimed("a", "b", "a").Watermark(time.Hour).Untimed("a", "b")
	dataflowtest.Operator(t, script, func(s dataflow.Stream[string]) {
		byWord := dataflow.KeyBy(s, "by-word", func(w string) string { return w })
		dataflowtest.Expect(dataflow.Rolling(byWord, "count", agg.Count[string]()), "counts",
			count{Key: "a", Value: 1}, count{Key: "b", Value: 1}, count{Key: "a", Value: 2},
			count{Key: "a", Value: 3}, count{Key: "b", Value: 2})
	})
}

// TestMistakesAreReportedTogether builds a flow with many mistakes: each is
// reported with this file's line.
func TestMistakesAreReportedTogether(t *testing.T) {
	f := dataflow.Define("bad", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		s := dataflowtest.FromSlice(g, "in", []int{1, 2, 3})
		same := dataflow.Map(s, "same", func(i int) int { return i })
		dataflow.Map(same, "same", func(i int) int { return i })
		dataflow.Map(same, "", func(i int) int { return i })
		dataflow.Map(same, "wide", func(i int) int { return i }, dataflow.Parallelism(1000))
		dataflow.KeyBy(same, "by-func", func(i int) any { return i })
	})
	_, err := f.Build(f.Params())
	if err == nil {
		t.Fatal("a flow full of mistakes was built")
	}
	for _, want := range []string{
		`step "same": the name is taken`, "a step needs a name", `step "wide": parallelism 1000`,
		`step "by-func": key`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no mention of %q in\n%v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "verbs_test.go:"); n < 5 { // one mistake names two lines
		t.Errorf("%d lines of this file in\n%v", n, err)
	}
}

func TestBuildPanicsBecomeErrors(t *testing.T) {
	f := dataflow.Define("bad", dataflow.ExactlyOnce, func(*dataflow.Graph, struct{}) { panic("oops") })
	if _, err := f.Build(f.Params()); err == nil || !strings.Contains(err.Error(), "oops") {
		t.Errorf("got %v", err)
	}
	if _, err := f.Build(&struct{ X int }{}); err == nil {
		t.Error("built a flow from another flow's parameters")
	}
}

// TestFingerprint is of what a flow computes, not of how wide or where.
func TestFingerprint(t *testing.T) {
	build := func(steps ...string) *plan.Graph {
		f := dataflow.Define("f", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
			s := dataflowtest.FromSlice(g, "in", []int{1})
			for i, name := range steps {
				s = dataflow.Map(s, name, func(i int) int { return i }, dataflow.Parallelism(i+1))
			}
		})
		g, err := f.Build(f.Params())
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	if a, b := build("a", "b").Fingerprint(), build("a", "b").Fingerprint(); a != b {
		t.Errorf("the same flow has fingerprints %s and %s", a, b)
	}
	if a, b := build("a", "b").Fingerprint(), build("b", "a").Fingerprint(); a == b {
		t.Error("two flows have the same fingerprint")
	}
	p, err := plan.Compile(build("a", "b"), plan.Config{Parallelism: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(len(p.Vertices)), "2"; got != want {
		t.Errorf("in and a are chained, b is wider: got %s vertices, want %s", got, want)
	}
}
