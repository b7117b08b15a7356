package dataflow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// lengths sums up words by their first letter, combined or not.
func lengths(s dataflow.Stream[string], name string, spec window.Spec, combined bool) (
	dataflow.Stream[dataflow.Pane[string, int64]], dataflow.Stream[int64],
) {
	byLetter := dataflow.KeyBy(s, name+"-by", func(w string) string { return w[:1] })
	windows := dataflow.Window(byLetter, spec)
	sum := agg.Sum(func(w string) int64 { return int64(len(w)) })
	if combined {
		parts := dataflow.Combine(windows, name+"-combine", sum)
		sums := dataflow.Aggregate(parts, name, agg.Partial(sum))
		return sums, dataflow.Late(parts, name+"-late")
	}
	late := func() dataflow.Stream[int64] {
		return dataflow.Map(dataflow.Late(windows, name+"-late"), name+"-length",
			func(w string) int64 { return int64(len(w)) })
	}
	sums := dataflow.Aggregate(windows, name, sum)
	return sums, late()
}

func TestCombine(t *testing.T) {
	type pane = dataflow.Pane[string, int64]
	of := func(key string, start, end, sum int64) pane {
		return pane{
			Key: key, Start: time.Unix(start, 0).UTC(), End: time.Unix(end, 0).UTC(), Value: sum,
		}
	}
	script := dataflowtest.NewScript[string]().
		At(1*time.Second, "a", "bb", "aa").
		At(10*time.Second, "a").
		At(9*time.Second, "aaa").
		Watermark(10*time.Second).
		At(2*time.Second, "bbb"). // late for windows of ten seconds
		At(11*time.Second, "b", "a")
	for _, combined := range []bool{false, true} {
		dataflowtest.Operator(t, script, func(s dataflow.Stream[string]) {
			sums, late := lengths(s, "sum", window.Tumbling(10*time.Second), combined)
			dataflowtest.Expect(sums, "sums",
				of("a", 0, 10, 6),
				of("b", 0, 10, 2),
				of("a", 10, 20, 2),
				of("b", 10, 20, 1)).InAnyOrder()
			dataflowtest.Expect(late, "too late", 3)

			slid, late := lengths(s, "slid", window.Sliding(10*time.Second, 5*time.Second), combined)
			dataflowtest.Expect(slid, "slid sums",
				of("a", -5, 5, 3),
				of("b", -5, 5, 2),
				of("a", 0, 10, 6),
				of("b", 0, 10, 2),
				of("a", 5, 15, 5),
				of("b", 5, 15, 1),
				of("a", 10, 20, 2),
				of("b", 10, 20, 1)).InAnyOrder()
			dataflowtest.Expect(late, "too late for slides", 3)

			all, _ := lengths(s, "all", window.Global(), combined)
			totals := dataflow.Map(all, "total", func(p pane) int64 { return p.Value })
			dataflowtest.Expect(totals, "totals", 8, 6).InAnyOrder()
		})
	}
}

func TestCombineRefuses(t *testing.T) {
	f := dataflow.Define("bad", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		s := dataflowtest.FromSlice(g, "in", []string{"a"})
		w := dataflow.Window(dataflow.KeyBy(s, "by", strings.ToLower), window.Session(time.Second))
		dataflow.Combine(w, "sessions", agg.Count[string]())
		noMerge := agg.Count[string]()
		noMerge.Merge = nil
		hours := dataflow.Window(dataflow.KeyBy(s, "by2", strings.ToLower), window.Tumbling(time.Hour))
		dataflow.Combine(hours, "hours", noMerge)
		clock := window.Tumbling(time.Hour).ProcessingTime()
		by3 := dataflow.KeyBy(s, "by3", strings.ToLower)
		dataflow.Combine(dataflow.Window(by3, clock), "clock", agg.Count[string]())
	})
	_, err := f.Build(f.Params())
	for _, want := range []string{
		`step "sessions"`, "session 1s", `step "clock"`, `step "hours"`, "lacks Add or Merge",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}
