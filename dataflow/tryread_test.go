package dataflow

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

type tried = Attempt[int, string]

// noAttempts is a source that is never read.
type noAttempts struct{}

func (noAttempts) Splits(context.Context) ([]operator.Split, error) { return nil, nil }
func (noAttempts) Grows() bool                                      { return false }
func (noAttempts) Replayable() bool                                 { return true }
func (noAttempts) Open(context.Context, operator.Split, []byte) (Reader[tried], error) {
	return nil, io.EOF
}

// emitted collects what an operator emits, by port.
type emitted map[int]operator.Batch

func (e emitted) Emit(port int, b operator.Batch) error { e[port] = b; return nil }

// tryRead builds a flow and returns the stamp and the operator of its two
// steps.
func tryRead(t *testing.T, consume bool) (func(operator.Batch), operator.Operator) {
	t.Helper()
	flow := Define("f", ExactlyOnce, func(g *Graph, _ struct{}) {
		at := func(i int) time.Time { return time.Unix(0, int64(i)) }
		good, bad := TryRead(g, "in", Source[tried](noAttempts{}), EventTime(at, time.Second))
		Map(good, "good", func(i int) int { return i })
		if consume {
			Map(bad, "bad", func(f Failure[string]) string { return f.Err })
		}
	})
	g, err := flow.Build(&struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return g.Step("in").Source.Stamp, g.Step("in/accept").New()
}

func attempts() *operator.Records[tried] {
	b := operator.NewPool[tried]().Get()
	failed := &Failure[string]{Record: "x", Err: "not a number"}
	for _, a := range []tried{{Failed: failed}, {Record: 7}, {Failed: failed}, {Record: 5}} {
		b.Append(a, operator.MinTimestamp)
	}
	return b
}

func TestTryReadPartsGoodFromBad(t *testing.T) {
	stamp, op := tryRead(t, true)
	b, out := attempts(), emitted{}
	stamp(b)
	if err := op.Process(0, b, out); err != nil {
		t.Fatal(err)
	}
	good := out[0].(*operator.Records[int])
	if !slices.Equal(good.Values, []int{7, 5}) || !slices.Equal(good.Times, []operator.Timestamp{7, 5}) {
		t.Errorf("good records are %v at %v, want 7 and 5 at their times", good.Values, good.Times)
	}
	bad := out[1].(*operator.Records[Failure[string]])
	times := []operator.Timestamp{operator.MinTimestamp, 7}
	if bad.Len() != 2 || bad.Values[0].Record != "x" || !slices.Equal(bad.Times, times) {
		t.Errorf("failures are %v at %v, want two, at %v", bad.Values, bad.Times, times)
	}
}

func TestTryReadFailsWithoutConsumer(t *testing.T) {
	_, op := tryRead(t, false)
	err := op.Process(0, attempts(), emitted{})
	if err == nil || !strings.Contains(err.Error(), "not a number") ||
		!strings.Contains(err.Error(), "second stream") {
		t.Errorf("error %v does not say what is wrong and what to do", err)
	}
}

func TestReadOptionOfAnotherConnector(t *testing.T) {
	refuse := func(*Reading[int]) error { return errors.New("not for this source") }
	flow := Define("f", ExactlyOnce, func(g *Graph, _ struct{}) {
		TryRead(g, "in", Source[tried](noAttempts{}), refuse)
	})
	_, err := flow.Build(&struct{}{})
	var build *BuildError
	if !errors.As(err, &build) || build.Step != "in" || !strings.Contains(build.At.File, "tryread_test") {
		t.Errorf("error %v is not of step \"in\" with its line", err)
	}
}
