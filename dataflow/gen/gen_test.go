package gen

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/test/virtual"
)

func newSource(count int64) *source[int64] {
	return &source[int64]{
		f: func(i int64) int64 { return i }, config: config{count: count, splits: defaultSplits},
	}
}

// drain reads a split from an offset to its end, at most limit records, and
// returns the offset after them.
func drain(t *testing.T, s *source[int64], split operator.Split, offset []byte, limit int,
) (values []int64, next []byte) {
	t.Helper()
	r, err := s.Open(t.Context(), split, offset)
	if err != nil {
		t.Fatalf("Open(%q): %v", split.ID, err)
	}
	defer r.Close()
	pool := operator.NewPool[int64]()
	for next = offset; len(values) < limit; next = r.Offset() {
		b := pool.Get()
		err := r.Read(t.Context(), b)
		values = append(values, b.Values...)
		if errors.Is(err, io.EOF) {
			return values, r.Offset()
		} else if err != nil {
			t.Fatalf("Read(%q): %v", split.ID, err)
		}
	}
	return values, next
}

func TestSequenceIsWholeFromAnyOffset(t *testing.T) {
	for _, count := range []int64{0, 1, 15, 16, 17, 20_000} {
		s := newSource(count)
		splits, err := s.Splits(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, split := range splits {
			head, offset := drain(t, s, split, nil, 1)
			tail, _ := drain(t, s, split, offset, 1<<30)
			got = append(append(got, head...), tail...)
		}
		slices.Sort(got)
		for i, v := range got {
			if v != int64(i) {
				t.Fatalf("count %d: record %d is %d", count, i, v)
			}
		}
		if int64(len(got)) != count {
			t.Errorf("count %d: got %d records", count, len(got))
		}
	}
}

func TestRate(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		s := newSource(1 << 40)
		s.splits, s.rate = 4, 1000
		splits, _ := s.Splits(t.Context())
		start, n := time.Now(), 0
		r, err := s.Open(t.Context(), splits[2], nil)
		if err != nil {
			t.Fatal(err)
		}
		pool := operator.NewPool[int64]()
		for time.Since(start) < 10*time.Second {
			b := pool.Get()
			if err := r.Read(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if b.Len() == 0 {
				t.Fatal("Read returned nothing")
			}
			n += b.Len()
			b.Release()
		}
		if n < 2500 || n > 2502 {
			t.Errorf("a quarter of 1000 records a second gave %d in 10s, want 2500", n)
		}
		time.Sleep(time.Minute) // held up: it may make up for a second, not for a minute
		b := pool.Get()
		if err := r.Read(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if b.Len() > 251 {
			t.Errorf("%d records at once after a pause, want at most those of a second", b.Len())
		}
	})
}

func TestRateEndsWithContext(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		s := newSource(1 << 40)
		s.rate = 0.001
		splits, _ := s.Splits(t.Context())
		r, _ := s.Open(t.Context(), splits[0], nil)
		b := operator.NewPool[int64]().Get()
		if err := r.Read(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Read(ctx, b); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Read: %v, want the context's error", err)
		}
	})
}

func TestGarbageIsAnError(t *testing.T) {
	s := newSource(10)
	splits, _ := s.Splits(t.Context())
	for _, offset := range []string{"", "\x00\x00", "\x7f", "\xff\xff\xff"} {
		if _, err := s.Open(t.Context(), splits[0], []byte(offset)); err == nil {
			t.Errorf("offset %q: no error", offset)
		}
	}
	for _, payload := range []string{"", "\x00", "\x00\x00\x01", "\x01\x01\x01\x01"} {
		split := operator.Split{ID: "x", Payload: []byte(payload)}
		if _, err := s.Open(t.Context(), split, nil); err == nil {
			t.Errorf("payload %q: no error", payload)
		}
	}
}

func TestPanicOfTheFunctionIsAnError(t *testing.T) {
	s := newSource(100)
	s.f = func(i int64) int64 { return 1 / (i - 16) }
	splits, _ := s.Splits(t.Context())
	r, _ := s.Open(t.Context(), splits[0], nil)
	var p *operator.Panic
	if err := r.Read(t.Context(), operator.NewPool[int64]().Get()); !errors.As(err, &p) {
		t.Fatalf("Read: %v, want a panic turned into an error", err)
	}
	if p.Record != "16" {
		t.Errorf("the error names record %q, want 16", p.Record)
	}
}

func TestBuild(t *testing.T) {
	type order struct{ At time.Time }
	at := func(o order) time.Time { return o.At }
	flow := dataflow.Define("f", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		Records(g, "orders", -1, func(i int64) order { return order{time.Unix(i, 0)} },
			dataflow.EventTime(at, time.Second), Rate[order](10), Splits[order](4))
	})
	g, err := flow.Build(&struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Step("orders").Source; !got.EventTime || got.Disorder != time.Second {
		t.Errorf("event time is not set: %+v", got)
	}
	if splits, _ := g.Step("orders").Source.Source.Splits(t.Context()); len(splits) != 4 {
		t.Errorf("%d splits, want 4", len(splits))
	}
	flow = dataflow.Define("f", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		Sequence(g, "n", 10, Rate[int64](0), Splits[int64](0))
	})
	if _, err := flow.Build(&struct{}{}); err == nil {
		t.Error("a rate of 0 and 0 splits are accepted")
	}
}

func BenchmarkSequence(b *testing.B) {
	s := newSource(1 << 60)
	splits, _ := s.Splits(b.Context())
	r, _ := s.Open(b.Context(), splits[0], nil)
	pool := operator.NewPool[int64]()
	b.ReportAllocs()
	for b.Loop() {
		batch := pool.Get()
		if err := r.Read(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		batch.Release()
	}
}
