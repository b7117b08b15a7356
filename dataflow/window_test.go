package dataflow

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/window"
)

type order struct {
	Customer string
	Cents    int64
}

// nothing is a source without records.
type nothing[T any] struct{}

func (nothing[T]) Splits(context.Context) ([]operator.Split, error) { return nil, nil }
func (nothing[T]) Grows() bool                                      { return false }
func (nothing[T]) Replayable() bool                                 { return true }
func (nothing[T]) Open(context.Context, operator.Split, []byte) (Reader[T], error) {
	return nil, io.EOF
}

func orders(g *Graph, name string) Keyed[string, order] {
	s := Read(g, name, nothing[order]{})
	return KeyBy(s, name+" by customer", func(o order) string { return o.Customer })
}

func build(f func(g *Graph)) (*plan.Graph, error) {
	flow := Define("test", ExactlyOnce, func(g *Graph, _ struct{}) { f(g) })
	return flow.Build(flow.Params())
}

func cents(o order) int64 { return o.Cents }

func TestAggregateStep(t *testing.T) {
	g, err := build(func(g *Graph) {
		w := Window(orders(g, "orders"), window.Tumbling(time.Hour))
		Aggregate(w, "revenue", agg.Tuple(agg.Sum(cents), agg.Count[order]()), Parallelism(3))
		Late(w, "late")
	})
	if err != nil {
		t.Fatal(err)
	}
	s, late := g.Step("revenue"), g.Step("late")
	if s.Kind != "tumbling 1h0m0s sum and count" || s.Parallelism != 3 {
		t.Errorf("got a step %q with parallelism %d", s.Kind, s.Parallelism)
	}
	if len(s.Inputs) != 1 || s.Inputs[0].Partitioning != plan.Hash || len(s.Outputs) != 2 {
		t.Errorf("got inputs %v and %d outputs, want one by hash and two", s.Inputs, len(s.Outputs))
	}
	if in := late.Inputs[0]; g.Steps[in.From] != s || in.Port != 1 {
		t.Errorf("late records come from %+v, want port 1 of the aggregation", in)
	}
	if s.New() == s.New() {
		t.Error("two subtasks share one operator")
	}
}

func TestJoinStep(t *testing.T) {
	g, err := build(func(g *Graph) {
		spec := window.Session(time.Minute)
		l, r := Window(orders(g, "left"), spec), Window(orders(g, "right"), spec)
		Join(l, "pairs", r, func(_ string, a, b order) int64 { return a.Cents + b.Cents })
		CoGroup(l, "groups", r, func(string, []order, []order) iter.Seq[int] {
			return func(func(int) bool) {}
		})
		Late(l, "late left")
		Late(r, "late right")
	})
	if err != nil {
		t.Fatal(err)
	}
	s := g.Step("pairs")
	for i, in := range s.Inputs {
		if in.Partitioning != plan.Hash {
			t.Errorf("input %d is dealt by %v, want hash", i, in.Partitioning)
		}
	}
	if len(s.Inputs) != 2 || len(s.Outputs) != 3 || g.Step("groups") == nil {
		t.Errorf("got %d inputs and %d outputs, want 2 and 3", len(s.Inputs), len(s.Outputs))
	}
	for i, name := range []string{"late left", "late right"} {
		if in := g.Step(name).Inputs[0]; g.Steps[in.From] != s || in.Port != i+1 {
			t.Errorf("%s: comes from %+v, want port %d of the join", name, in, i+1)
		}
	}
}

func TestWindowMistakes(t *testing.T) {
	lacking := agg.Count[order]()
	lacking.Merge = nil
	type open struct{ F func() }
	wantMistakes(t, []mistake{
		{"different windows", "the left stream has tumbling 1h0m0s windows and the right one " +
			"tumbling 2h0m0s; cut both the same way", func(g *Graph) {
			l := Window(orders(g, "left"), window.Tumbling(time.Hour))
			r := Window(orders(g, "right"), window.Tumbling(2*time.Hour))
			Join(l, "pairs", r, func(string, order, order) int { return 0 })
		}},
		{"no merge", `aggregate "count" lacks Merge`, func(g *Graph) {
			w := Window(orders(g, "orders"), window.Session(time.Hour))
			Aggregate(w, "count", lacking)
		}},
		{"no functions", "lacks Add or Result", func(g *Graph) {
			w := Window(orders(g, "orders"), window.Tumbling(time.Hour))
			Aggregate(w, "count", agg.Aggregate[order, int, int]{})
		}},
		{"accumulator that cannot be stored", "accumulator: codec: open.F", func(g *Graph) {
			w := Window(orders(g, "orders"), window.Tumbling(time.Hour))
			Aggregate(w, "odd", agg.Aggregate[order, open, int]{
				Add:    func(a open, _ order) open { return a },
				Result: func(open) int { return 0 },
			})
		}},
		{"record that cannot be stored", "left record: codec: open.F", func(g *Graph) {
			s := KeyBy(Read(g, "left", nothing[open]{}), "key", func(open) string { return "" })
			spec := window.Tumbling(time.Hour)
			Join(Window(s, spec), "pairs", Window(orders(g, "right"), spec),
				func(string, open, order) int { return 0 })
		}},
		{"late before use", "nothing aggregates or joins", func(g *Graph) {
			Late(Window(orders(g, "orders"), window.Tumbling(time.Hour)), "late")
		}},
	})
	if _, err := build(func(g *Graph) {
		w := Window(orders(g, "orders"), window.Tumbling(time.Hour))
		Aggregate(w, "count", lacking) // tumbling windows are never merged
	}); err != nil {
		t.Errorf("tumbling windows without Merge: got %v, want them built", err)
	}
}

func TestProcessingTimeMistakes(t *testing.T) {
	wantMistakes(t, []mistake{
		{"late in processing time", "nothing is late in processing time", func(g *Graph) {
			w := Window(orders(g, "orders"), window.Tumbling(time.Hour).ProcessingTime())
			Aggregate(w, "count", agg.Count[order]())
			Late(w, "late")
		}},
		{"join in processing time", "cannot be joined", func(g *Graph) {
			spec := window.Tumbling(time.Hour).ProcessingTime()
			Join(Window(orders(g, "left"), spec), "pairs", Window(orders(g, "right"), spec),
				func(string, order, order) int { return 0 })
		}},
		{"lateness in processing time", "leave out the allowed lateness", func(g *Graph) {
			Window(orders(g, "orders"), window.Tumbling(1).ProcessingTime().AllowLateness(1))
		}},
	})
}

// mistake is a flow that must not build, with part of the error.
type mistake struct {
	name, want string
	build      func(g *Graph)
}

// wantMistakes checks that the errors have the line of the flow.
func wantMistakes(t *testing.T, tests []mistake) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := build(tt.build)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error with %q", err, tt.want)
			}
			b, ok := errors.AsType[*BuildError](err)
			if !ok || !strings.HasSuffix(b.At.File, "window_test.go") {
				t.Errorf("got %v, want a BuildError with this file's line", err)
			}
		})
	}
}
