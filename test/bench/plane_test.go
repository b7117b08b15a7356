package bench

import (
	"context"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// event is the record of the data plane benchmarks.
type event struct {
	Key   uint64
	Value int64
}

const (
	events = 40_000_000 // so many that the flow's start and end are a few hundredths
	keys   = 100_000
)

// eventAt is the i-th event: keys are spread over the key space by a
// multiplicative hash, so consecutive events touch unrelated state.
func eventAt(i int64) event {
	return event{Key: uint64(i) * 0x9e3779b97f4a7c15 >> 32 % keys, Value: i}
}

func double(e event) event { e.Value *= 2; return e }

func wanted(e event) bool { return e.Value%16 != 0 }

func keyOf(e event) uint64 { return e.Key }

// loop is the limit: source, map, filter, keyed count and sink by hand.
func loop(n int64) (sum int64) {
	counts := map[uint64]int64{}
	for i := range n {
		e := double(eventAt(i))
		if !wanted(e) {
			continue
		}
		c := counts[keyOf(e)] + 1
		counts[keyOf(e)] = c
		sum += c
	}
	return sum
}

// source makes the same events, a batch at a time.
type source struct {
	n  int64
	at func(int64) event
}

func (s source) Splits(context.Context) ([]operator.Split, error) {
	return []operator.Split{{ID: "all"}}, nil
}
func (s source) Grows() bool      { return false }
func (s source) Replayable() bool { return true }
func (s source) Open(context.Context, operator.Split, []byte) (dataflow.Reader[event], error) {
	return &reader{s: s}, nil
}

type reader struct {
	s    source
	next int64
}

func (r *reader) Read(_ context.Context, b *operator.Records[event]) error {
	for !b.Full() && r.next < r.s.n {
		b.Append(r.s.at(r.next), operator.MinTimestamp)
		r.next++
	}
	if r.next == r.s.n {
		return io.EOF
	}
	return nil
}
func (r *reader) Offset() []byte { return nil }
func (r *reader) Close() error   { return nil }

// adder is a sink that adds up what it is given.
type adder struct{ sum int64 }

func (a *adder) Delivery() operator.Delivery { return operator.Idempotent }
func (a *adder) Open(operator.Place) (dataflow.Writer[operator.Entry[uint64, int64]], error) {
	return a, nil
}
func (a *adder) Commit([]byte) error { return nil }
func (a *adder) Recover() error      { return nil }
func (a *adder) Write(b *operator.Records[operator.Entry[uint64, int64]]) error {
	for i := range b.Values {
		a.sum += b.Values[i].Value
	}
	return nil
}
func (a *adder) Prepare(uint64) (operator.Prepared, error) { return nil, nil }
func (a *adder) Close() error                              { return nil }

func count(src source, out *adder) *dataflow.Flow {
	return dataflow.Define("count", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		in := dataflow.Read(g, "events", src)
		doubled := dataflow.Map(in, "double", double)
		some := dataflow.Filter(doubled, "wanted", wanted)
		byKey := dataflow.KeyBy(some, "by-key", keyOf)
		dataflow.Write(dataflow.Rolling(byKey, "count", agg.Count[event]()), "add", out)
	})
}

// run runs a flow to its end and returns the time from the first record to
// the last commit, without opening and closing the state directory.
func run(tb testing.TB, f *dataflow.Flow, cfg actors.Config) (*actors.Job, time.Duration) {
	tb.Helper()
	g, err := f.Build(f.Params())
	if err != nil {
		tb.Fatal(err)
	}
	cfg.Dir = tb.TempDir()
	j, err := actors.New(g, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	defer j.Close()
	began := time.Now()
	if err := j.Run(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return j, time.Since(began)
}

// BenchmarkPlane compares source → map → filter → keyed count → sink as a flow
// with the loop by hand, at parallelism 1 and without periodic checkpoints.
func BenchmarkPlane(b *testing.B) {
	var flow time.Duration
	var mallocs uint64
	n := 0
	var want int64
	compare(b, func() time.Duration {
		return timed(func() { want = loop(events) })
	}, func() time.Duration {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var out adder
		_, took := run(b, count(source{n: events, at: eventAt}, &out),
			actors.Config{CheckpointInterval: -1})
		runtime.ReadMemStats(&after)
		if out.sum != want {
			b.Fatalf("the flow's sum is %d, want the loop's, %d", out.sum, want)
		}
		flow, mallocs, n = flow+took, mallocs+after.Mallocs-before.Mallocs, n+1
		return took
	})
	b.ReportMetric(float64(flow.Nanoseconds())/float64(n)/events, "ns/event")
	b.ReportMetric(float64(mallocs)/float64(n)/events, "allocs/event")
}
