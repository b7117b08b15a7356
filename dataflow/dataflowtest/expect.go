package dataflowtest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// An Expectation is what is to come out of one stream of a stage.
type Expectation[T any] struct{ r *recorder }

// Expect says that the records of s are to be values, in their order. It adds
// a step to the stage, under a name that failures quote. Values are compared
// with reflect.DeepEqual.
func Expect[T any](s dataflow.Stream[T], name string, values ...T) *Expectation[T] {
	r := &recorder{name: name}
	for _, v := range values {
		r.want = append(r.want, record{value: v})
	}
	dataflow.Write(s, name, recording[T]{r: r})
	return &Expectation[T]{r}
}

// At says that the event times of the records are to be these durations since
// the Unix epoch.
func (e *Expectation[T]) At(times ...time.Duration) *Expectation[T] {
	if e.r.timed = true; len(times) != len(e.r.want) {
		e.r.mistake = fmt.Sprintf("%d times for %d records", len(times), len(e.r.want))
		return e
	}
	for i, at := range times {
		e.r.want[i].at = operator.Timestamp(at)
	}
	return e
}

// InAnyOrder says that the order of the records is open.
func (e *Expectation[T]) InAnyOrder() *Expectation[T] { e.r.anyOrder = true; return e }

// record is a value with its event time.
type record struct {
	value any
	at    operator.Timestamp
}

// recorder holds what one output is to give and what it has given.
type recorder struct {
	name      string
	want, got []record
	timed     bool
	anyOrder  bool
	mistake   string // in the expectation itself
}

// verdict describes how got differs from want, or is empty.
func (r *recorder) verdict() string {
	if r.mistake != "" {
		return fmt.Sprintf("output %q: %s", r.name, r.mistake)
	}
	return r.compare(r.got, r.want, r.timed)
}

func (r *recorder) compare(got, want []record, timed bool) string {
	if !timed {
		got, want = untimed(got), untimed(want)
	}
	g, w := lines(got, timed), lines(want, timed)
	if r.anyOrder {
		if slices.Sort(g); same(g, sorted(w)) {
			return ""
		}
		w = sorted(w)
	} else if len(got) == len(want) && slices.EqualFunc(got, want, equal) {
		return ""
	}
	return fmt.Sprintf("output %q differs (- want, + got):\n%s", r.name, diff(w, g))
}

func equal(a, b record) bool { return a.at == b.at && reflect.DeepEqual(a.value, b.value) }

func untimed(all []record) []record {
	all = slices.Clone(all)
	for i := range all {
		all[i].at = 0
	}
	return all
}

func lines(all []record, timed bool) []string {
	var text []string
	for _, r := range all {
		line := fmt.Sprintf("%#v", r.value)
		if timed {
			line = fmt.Sprintf("%v: %s", r.at.Time().Format(time.RFC3339Nano), line)
		}
		text = append(text, line)
	}
	return text
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func same(a, b []string) bool { return slices.Equal(a, b) }

// maxDiff bounds the table that diff computes, in entries.
const maxDiff = 1 << 20

// diff lists the lines of both sides, those of the longest common
// subsequence once.
func diff(want, got []string) string {
	if len(want)*len(got) > maxDiff {
		return fmt.Sprintf("%d records, want %d; the first that differs is number %d\n",
			len(got), len(want), firstDifference(want, got))
	}
	common := make([][]int, len(want)+1)
	for i := range common {
		common[i] = make([]int, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			if want[i] == got[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return walk(want, got, common)
}

func walk(want, got []string, common [][]int) string {
	var b strings.Builder
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case i < len(want) && j < len(got) && want[i] == got[j]:
			fmt.Fprintf(&b, "    %s\n", want[i])
			i, j = i+1, j+1
		case j == len(got) || i < len(want) && common[i+1][j] >= common[i][j+1]:
			fmt.Fprintf(&b, "  - %s\n", want[i])
			i++
		default:
			fmt.Fprintf(&b, "  + %s\n", got[j])
			j++
		}
	}
	return b.String()
}

func firstDifference(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// recording is the sink that an expectation is in the graph.
type recording[T any] struct {
	dataflow.Sink[T]
	r *recorder
}

func (s recording[T]) Delivery() operator.Delivery { return operator.Transactional }

func (s recording[T]) Open(operator.Place) (dataflow.Writer[T], error) {
	return recordingWriter[T]{r: s.r}, nil
}

func (s recording[T]) recorder() *recorder { return s.r }

type recordingWriter[T any] struct {
	dataflow.Writer[T]
	r *recorder
}

func (w recordingWriter[T]) Write(b *operator.Records[T]) error {
	for i, v := range b.Values {
		w.r.got = append(w.r.got, record{v, b.Times[i]})
	}
	return nil
}
