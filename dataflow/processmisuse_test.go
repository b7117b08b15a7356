package dataflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// loose is a processor of whatever fields a test gives it.
type loose[F any] struct{ F F }

func (l *loose[F]) Process(*dataflow.Context[string, string], string) error { return nil }

type (
	pairOf struct{ A, B dataflow.Value[int] }
	nested struct {
		in    *inner
		by    map[string]dataflow.List[int]
		all   []dataflow.MapState[string, int]
		other *nested
	}
	inner    struct{ dataflow.Value[int] }
	badTimer struct{ loose[int] }
)

func (*badTimer) OnTimer(*dataflow.Context[int, string], time.Time) error { return nil }

func value[T any](name string, opts ...dataflow.StateOption) dataflow.Value[T] {
	return dataflow.NewValue[T](name, opts...)
}

// build returns the mistakes found in a flow around one processor.
func build[P dataflow.Processor[string, string, string]](new func() P) error {
	f := dataflow.Define("flow", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		s := dataflowtest.FromSlice(g, "in", []string{"a"})
		keyed := dataflow.KeyBy(s, "by-letter", first)
		dataflowtest.Collect(dataflow.Process(keyed, "proc", new), "out")
	})
	_, err := f.Build(f.Params())
	return err
}

func fields[F any](f F) error {
	return build(func() *loose[F] { return &loose[F]{f} })
}

func made[F any](make func() F) error {
	return build(func() *loose[F] { return &loose[F]{make()} })
}

func TestProcessMisuse(t *testing.T) {
	one := value[int]("n")
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"zero handle", made(func() pairOf { return pairOf{A: value[int]("a")} }),
			"field F.B: the dataflow.Value[int] is zero; make it with NewValue"},
		{"one name twice", made(func() pairOf { return pairOf{value[int]("a"), value[int]("a")} }),
			`field F.B: the name "a" is taken by field F.A`},
		{"shared handle", fields(one), `state "n": all processors share one handle`},
		{"none", made(func() any { return nil }), ""},
		{"no name", made(func() dataflow.Value[int] { return value[int]("") }),
			`field F: state "": a handle needs a name`},
		{"slash", made(func() dataflow.Value[int] { return value[int]("a/b") }), `the name has a "/"`},
		{"type", made(func() dataflow.Value[func()] { return value[func()]("a") }),
			`field F: state "a": codec:`},
		{"map key type", made(func() dataflow.MapState[*int, int] {
			return dataflow.NewMapState[*int, int]("a")
		}), `field F: state "a": codec:`},
		{"ttl", made(func() dataflow.Value[int] { return value[int]("a", dataflow.TTL(0)) }),
			"a time to live of 0s; it must be positive"},
		{"deep", made(func() nested {
			return nested{in: &inner{}, by: map[string]dataflow.List[int]{"x": {}},
				all: make([]dataflow.MapState[string, int], 1), other: &nested{in: &inner{}}}
		}), "field F.in.Value: \nfield F.by[x]: \nfield F.all[0]: \nfield F.other.in.Value: "},
		{"nil", build(func() *loose[int] { return nil }), "makes processors returned nil"},
		{"panic", build(func() *loose[int] { panic("no") }), "making a processor panicked: no"},
		{"timer", build(func() *badTimer { return &badTimer{} }),
			"method OnTimer would never be called: it is not a " +
				"func(*dataflow.Context[string,string], time.Time) error"},
	} {
		if tc.want == "" {
			if tc.err != nil {
				t.Errorf("%s: got %v", tc.name, tc.err)
			}
			continue
		}
		for _, want := range strings.Split(tc.want, "\n") {
			if tc.err == nil || !strings.Contains(tc.err.Error(), want) ||
				!strings.Contains(tc.err.Error(), `step "proc"`) {
				t.Errorf("%s: got %v, want %q of step proc", tc.name, tc.err, want)
			}
		}
	}
}

// outbox takes what an operator emits.
type outbox struct {
	got []string
	err error
}

func (o *outbox) Emit(_ int, b operator.Batch) error {
	o.got = append(o.got, b.(*operator.Records[string]).Values...)
	b.Release()
	return o.err
}

// opened builds a flow around a processor and opens its operator.
func opened[P dataflow.Processor[string, string, string]](
	t *testing.T, new func() P,
) (operator.Operator, error) {
	t.Helper()
	f := dataflow.Define("flow", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		s := dataflowtest.FromSlice(g, "in", []string{"a"})
		keyed := dataflow.KeyBy(s, "by-letter", first)
		dataflowtest.Collect(dataflow.Process(keyed, "proc", new), "out")
	})
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	op := g.Step("proc").New()
	return op, op.(operator.Opener).Open(&operator.Runtime{
		Step: "proc", Parallelism: 1, State: state.NewBackend(state.Config{Step: "proc"}),
		Watermark: operator.MinTimestamp,
		Now:       func() operator.Timestamp { return 0 }, Count: func(string, int) {},
	})
}

// process passes one record to a processor of the given function.
func process(t *testing.T, s step, out *outbox) error {
	t.Helper()
	op, err := opened(t, with(s))
	if err != nil {
		t.Fatal(err)
	}
	return op.Process(0, oneRecord(), out)
}

func TestProcessErrors(t *testing.T) {
	errNo := errors.New("no such airport")
	type context = *dataflow.Context[string, string]
	unbound := dataflow.NewList[int]("other")
	for _, tc := range []struct {
		name   string
		record func(s *step, c context, v string) error
		timer  func(s *step, c context, at time.Time) error
		want   string
	}{
		{"error", func(*step, context, string) error { return errNo }, nil,
			`record "a1": no such airport`},
		{"panic", func(*step, context, string) error { panic(errNo) }, nil,
			`user code panicked: no such airport, at record "a1"`},
		{"timer error", func(_ *step, c context, _ string) error {
			c.SetTimer(time.Unix(-1<<33, 0))
			return nil
		}, func(*step, context, time.Time) error { return errNo },
			"timer {Key:a Timer:1697-10-17 11:03:28 +0000 UTC}: no such airport"},
		{"unbound handle", func(_ *step, c context, _ string) error { return unbound.Append(c, 1) },
			nil, `record "a1": state "other" is not bound to step "proc"`},
		{"unbound iteration", func(_ *step, c context, _ string) error {
			for range unbound.All(c) {
				return errors.New("an element")
			}
			return nil
		}, nil, `record "a1": state "other" is not bound to step "proc"`},
		{"zero handle", func(_ *step, c context, _ string) error {
			_, err := dataflow.Value[int]{}.Get(c)
			return err
		}, nil, "a state handle is used that"},
		{"far timer", func(_ *step, c context, _ string) error {
			c.SetTimer(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC))
			return nil
		}, nil, `record "a1": set timer for 2300-01-01 00:00:00 +0000 UTC: such times end`},
	} {
		out := &outbox{}
		op := step{record: tc.record, timer: tc.timer}
		err := process(t, op, out)
		if tc.timer != nil && err == nil {
			err = fire(t, op)
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
		if len(out.got) != 0 {
			t.Errorf("%s: emitted %v beside the error", tc.name, out.got)
		}
	}
}

// fire processes a record and then lets all timers fire.
func fire(t *testing.T, s step) error {
	t.Helper()
	op, err := opened(t, with(s))
	if err != nil {
		t.Fatal(err)
	}
	if err := op.Process(0, oneRecord(), &outbox{}); err != nil {
		return err
	}
	return op.(operator.Watermarker).Watermark(operator.MaxTimestamp, &outbox{})
}

// What the outbox returns must come back unchanged, and at once.
func TestProcessStops(t *testing.T) {
	stop := errors.New("stopping")
	emitted := 0
	err := process(t, step{record: func(_ *step, c *dataflow.Context[string, string], _ string) error {
		for range 3 * operator.BatchSize {
			c.Emit("x")
			emitted++
		}
		return nil
	}}, &outbox{err: stop})
	if err != stop {
		t.Errorf("got %v, want the outbox's error", err)
	}
}

// silent sets a timer and has no method for it.
type silent struct{}

func (silent) Process(c *dataflow.Context[string, string], _ string) error {
	c.SetProcessingTimer(time.Unix(1, 0))
	return nil
}

func TestTimerWithoutMethod(t *testing.T) {
	op, err := opened(t, func() silent { return silent{} })
	if err != nil {
		t.Fatal(err)
	}
	err = op.Process(0, oneRecord(), &outbox{})
	if want := "set timer: the processor has no method OnProcessingTimer"; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// A processing-time timer that sets itself again for a time that has come must
// not keep its task from reading records.
func TestWakeEnds(t *testing.T) {
	fired := 0
	op, err := opened(t, with(step{
		record: func(_ *step, c *dataflow.Context[string, string], _ string) error {
			c.SetProcessingTimer(c.Now())
			return nil
		},
		wall: func(_ *step, c *dataflow.Context[string, string], at time.Time) error {
			fired++
			c.SetProcessingTimer(at)
			return nil
		},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := op.Process(0, oneRecord(), &outbox{}); err != nil {
		t.Fatal(err)
	}
	alarm := op.(operator.Alarm)
	for wakes := range 3 {
		if next := alarm.Next(); next != 0 {
			t.Fatalf("after %d wakes the next is at %d, want 0", wakes, next)
		}
		if err := alarm.Wake(1, &outbox{}); err != nil {
			t.Fatal(err)
		}
		if fired != wakes+1 {
			t.Fatalf("after %d wakes the timer has fired %d times", wakes+1, fired)
		}
	}
}

// oneRecord is a batch of the record "a1" with the key "a".
func oneRecord() *operator.Keyed[string, string] {
	b := operator.NewKeyedPool[string, string]().Get()
	b.Keys, b.Hashes = append(b.Keys, "a"), append(b.Hashes, 1)
	b.Values, b.Times = append(b.Values, "a1"), append(b.Times, 1)
	return b
}
