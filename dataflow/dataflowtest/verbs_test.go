package dataflowtest_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/window"
)

const sec = time.Second

func initial(s string) string { return s[:1] }

// TestVerbs plays scripts to the verbs of package dataflow.
func TestVerbs(t *testing.T) {
	words := dataflowtest.NewScript[string]().At(1*sec, "ab", "b", "abc").Watermark(9*sec).
		At(11*sec, "a", "b").Watermark(12*sec).At(2*sec, "alate").At(13*sec, "bc").Watermark(20 * sec)
	type text = dataflow.Stream[string]
	for _, tc := range []struct {
		name  string
		stage func(s text)
	}{
		{"map, filter, flat map", func(s text) {
			long := dataflow.Filter(s, "long", func(s string) bool { return len(s) > 1 })
			each := dataflow.FlatMap(long, "split", func(s string) iter.Seq[string] {
				return strings.SplitSeq(s, "")
			})
			up := dataflow.Map(each, "up", strings.ToUpper)
			dataflowtest.Expect(up, "out", strings.Split("ABABCALATEBC", "")...)
		}},
		{"try map", func(s text) {
			errLate := errors.New("too late")
			good, bad := dataflow.TryMap(s, "try", func(s string) (int, error) {
				if s == "alate" {
					return 0, errLate
				}
				return len(s), nil
			})
			dataflowtest.Expect(good, "good", 2, 1, 3, 1, 1, 2)
			dataflowtest.Expect(bad, "bad", dataflow.Failure[string]{Record: "alate", Err: "too late"})
		}},
		{"branch and union", func(s text) {
			b := dataflow.Branch(s, "branch", func(s string) bool { return len(s) == 1 })
			dataflowtest.Expect(b[0], "short", "b", "a", "b").At(1*sec, 11*sec, 11*sec)
			all := dataflow.Union(b[0], "union", b[1])
			dataflowtest.Expect(all, "all", "ab", "b", "abc", "a", "b", "alate", "bc").InAnyOrder()
		}},
		{"lookup", func(s text) {
			names := dataflow.SideFunc[string, string](func() (map[string]string, error) {
				return map[string]string{"a": "alpha", "abc": "all"}, nil
			})
			same := func(s string) string { return s }
			found := dataflow.Lookup(s, "look", names, same,
				func(s, name string, ok bool) (string, bool) {
					return fmt.Sprintf("%s=%s/%v", s, name, ok), s != "b"
				})
			dataflowtest.Expect(found, "found", "ab=/false", "abc=all/true", "a=alpha/true",
				"alate=/false", "bc=/false").At(1*sec, 1*sec, 11*sec, 2*sec, 13*sec)
		}},
		{"rolling", func(s text) {
			k := dataflow.KeyBy(s, "by-initial", initial)
			n := dataflow.Rolling(k, "count", agg.Count[string]())
			dataflowtest.Expect(n, "counts", of("a", 1), of("b", 1), of("a", 2),
				of("a", 3), of("b", 2), of("a", 4), of("b", 3))
		}},
		{"tumbling windows", func(s text) {
			w := dataflow.Window(dataflow.KeyBy(s, "by-initial", initial), window.Tumbling(10*sec))
			panes := dataflow.Aggregate(w, "count", agg.Count[string]())
			dataflowtest.Expect(dataflow.Map(panes, "show", show), "panes",
				"a 0-10: 2", "b 0-10: 1", "a 10-20: 1", "b 10-20: 2").InAnyOrder()
			dataflowtest.Expect(dataflow.Late(w, "late"), "late-words", "alate").At(2 * sec)
		}},
		{"sessions", func(s text) {
			w := dataflow.Window(dataflow.KeyBy(s, "by-initial", initial), window.Session(5*sec))
			panes := dataflow.Aggregate(w, "count", agg.Count[string]())
			dataflowtest.Expect(dataflow.Map(panes, "show", show), "panes",
				"a 1-6: 2", "b 1-6: 1", "a 11-16: 1", "b 11-18: 2").InAnyOrder()
		}},
	} {
		t.Run(tc.name, func(t *testing.T) { dataflowtest.Operator(t, words, tc.stage) })
	}
}

func show(p dataflow.Pane[string, int64]) string {
	return fmt.Sprintf("%s %d-%d: %d", p.Key, p.Start.Unix(), p.End.Unix(), p.Value)
}

func of(key string, value int64) dataflow.Entry[string, int64] {
	return dataflow.Entry[string, int64]{Key: key, Value: value}
}

// TestProcessingTimeWindows lets the clock pass between records whose event
// times say something else.
func TestProcessingTimeWindows(t *testing.T) {
	script := dataflowtest.NewScript[string]().At(99*sec, "a", "b").Wait(4*sec).
		Untimed("ab").Watermark(50*sec).Wait(3*sec).At(0, "a").Wait(30*sec).At(7*sec, "b")
	for _, tc := range []struct {
		spec window.Spec
		want []string
	}{
		{window.Tumbling(5 * sec), []string{"a 0-5: 2", "b 0-5: 1", "a 5-10: 1", "b 35-40: 1"}},
		{window.Sliding(10*sec, 5*sec), []string{"a -5-5: 2", "b -5-5: 1", "a 0-10: 3", "b 0-10: 1",
			"a 5-15: 1", "b 30-40: 1", "b 35-45: 1"}},
		{window.Session(5 * sec), []string{"b 0-5: 1", "a 0-12: 3", "b 37-42: 1"}},
	} {
		t.Run(tc.spec.String(), func(t *testing.T) {
			dataflowtest.Operator(t, script, func(s dataflow.Stream[string]) {
				k := dataflow.KeyBy(s, "by-initial", initial)
				w := dataflow.Window(k, tc.spec.ProcessingTime())
				panes := dataflow.Aggregate(w, "count", agg.Count[string]())
				dataflowtest.Expect(dataflow.Map(panes, "show", show), "panes", tc.want...).InAnyOrder()
			})
		})
	}
}

func TestJoin(t *testing.T) {
	script := dataflowtest.NewScript2[string, int]().Left(1*sec, "even", "odd").
		Right(2*sec, 1, 2, 4).Watermark(10*sec).Right(12*sec, 3).Left(13*sec, "odd")
	dataflowtest.Operator2(t, script, func(l dataflow.Stream[string], r dataflow.Stream[int]) {
		left := dataflow.KeyBy(l, "by-name", func(s string) string { return s })
		right := dataflow.KeyBy(r, "by-parity", func(i int) string {
			return []string{"even", "odd"}[i%2]
		})
		joined := dataflow.Join(dataflow.Window(left, window.Tumbling(10*sec)), "join",
			dataflow.Window(right, window.Tumbling(10*sec)),
			func(_ string, l string, r int) string { return fmt.Sprint(l, r) })
		dataflowtest.Expect(joined, "out", "even2", "even4", "odd1", "odd3").InAnyOrder()
	})
}
