package generate

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/test/virtual"
)

func newSource(t testing.TB, cfg Config, n int64) *source {
	t.Helper()
	cfg, err := cfg.resolved()
	if err != nil {
		t.Fatal(err)
	}
	return &source{cfg, n}
}

// late is a configuration with all there is of disorder.
var late = Config{Splits: 3, Shuffle: 100, Late: 0.2, Delay: 100 * time.Millisecond, Seed: 1}

func TestSource(t *testing.T) {
	for name, cfg := range map[string]Config{"in order": {Splits: 3}, "late": late} {
		t.Run(name, func(t *testing.T) {
			dataflowtest.TestSource(t, func() dataflow.Source[event.Event] {
				return newSource(t, cfg, 1600)
			})
		})
	}
}

var pool = operator.NewPool[event.Event]()

// read reads a split to its end.
func read(t *testing.T, s *source, split operator.Split) (all []event.Event) {
	t.Helper()
	r, err := s.Open(t.Context(), split, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		b := pool.Get()
		err := r.Read(t.Context(), b)
		all = append(all, b.Values...)
		b.Release()
		if errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestSplits checks that any number of splits makes the same events, in the
// order of their number but for those that are late, and by no more than
// Disorder.
func TestSplits(t *testing.T) {
	for _, cfg := range []Config{{}, {Shuffle: 1000}, late, {Late: 1}, {Late: 0.5, Delay: 1}} {
		want := events(t, Config{Seed: cfg.Seed, Shuffle: cfg.Shuffle}, 5000)
		for _, splits := range []int{1, 7, 6000} {
			cfg.Splits = splits
			s := newSource(t, cfg, 5000)
			list, err := s.Splits(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []event.Event
			for _, split := range list {
				part := read(t, s, split)
				inOrder(t, cfg, part)
				got = append(got, part...)
			}
			slices.SortFunc(got, func(a, b event.Event) int { return int(a.Seq - b.Seq) })
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v in %d splits: other events than in one go", cfg, splits)
			}
		}
	}
}

func inOrder(t *testing.T, cfg Config, part []event.Event) {
	t.Helper()
	latest, delayed := event.Time(0), 0
	for i := range part {
		at := part[i].At()
		if at < latest-event.Time(cfg.Disorder().Milliseconds()) {
			t.Fatalf("%+v: event %d is %d ms late, more than %v",
				cfg, part[i].Seq, latest-at, cfg.Disorder())
		}
		latest = max(latest, at)
		if i > 0 && part[i].Seq < part[i-1].Seq {
			delayed++
		}
	}
	if delayed > 0 && cfg.Late == 0 {
		t.Errorf("%+v: %d events are late", cfg, delayed)
	} else if delayed == 0 && cfg.Late == 0.2 && len(part) > 500 {
		t.Errorf("%+v: no event is late", cfg)
	}
}

func TestBatchesAreAboutFull(t *testing.T) {
	s := newSource(t, Config{}, 100_000)
	splits, _ := s.Splits(t.Context())
	r, _ := s.Open(t.Context(), splits[5], nil)
	b := pool.Get()
	if err := r.Read(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if got := b.Bytes(); got > operator.BatchBytes*5/4 || got < operator.BatchBytes*3/4 {
		t.Errorf("a batch has %d bytes, want about %d", got, operator.BatchBytes)
	}
}

func TestPaces(t *testing.T) {
	for _, pace := range []Pace{Steady, OnTime} {
		virtual.Test(t, func(t *testing.T) {
			start := time.Now()
			cfg := Config{Splits: 4, Rate: 1000, Pace: pace}
			if pace == OnTime {
				cfg.Start = event.TimeOf(start)
			}
			s := newSource(t, cfg, maxEvents)
			splits, _ := s.Splits(t.Context())
			r, err := s.Open(t.Context(), splits[2], nil)
			if err != nil {
				t.Fatal(err)
			}
			got := readUntil(t, r, start.Add(10*time.Second))
			if got < 2500 || got > 2501 {
				t.Errorf("pace %d: 250 events a second gave %d in 10s", pace, got)
			}
			time.Sleep(5 * time.Second) // what was held up is made up for
			got += readUntil(t, r, start.Add(16*time.Second))
			if got < 4000 || got > 4001 {
				t.Errorf("pace %d: 250 events a second gave %d in 16s", pace, got)
			}
		})
	}
}

// readUntil reads until a time and counts.
func readUntil(t *testing.T, r dataflow.Reader[event.Event], end time.Time) (n int) {
	for time.Now().Before(end) {
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
	return n
}

func TestDueIsTheInverseOfAt(t *testing.T) {
	for _, rate := range []int64{1, 7, 999, 1000, 10_000, 3_000_001} {
		cfg := newSource(t, Config{Rate: rate}, 0).cfg
		for at := cfg.Start - 1; at < cfg.Start+300; at++ {
			n := cfg.due(at)
			if n > 0 && cfg.at(n-1) > at {
				t.Errorf("rate %d: event %d is due at %d, before its time", rate, n-1, at)
			}
			if cfg.at(n) <= at {
				t.Errorf("rate %d: event %d is not due at %d", rate, n, at)
			}
		}
	}
}

func TestWaitingEndsWithContext(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		cfg := Config{Rate: 1, Pace: OnTime, Start: event.TimeOf(time.Now().Add(time.Hour))}
		s := newSource(t, cfg, maxEvents)
		splits, _ := s.Splits(t.Context())
		r, _ := s.Open(t.Context(), splits[0], nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		b := pool.Get()
		if err := r.Read(ctx, b); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Read: %v, want the context's error", err)
		}
	})
}

func TestGarbageIsAnError(t *testing.T) {
	s := newSource(t, Config{}, 10)
	splits, _ := s.Splits(t.Context())
	for _, offset := range []string{"", "\x00\x00", "\x7f", "\xff\xff\xff"} {
		if _, err := s.Open(t.Context(), splits[0], []byte(offset)); err == nil {
			t.Errorf("offset %q: no error", offset)
		}
	}
	for _, payload := range []string{"", "\x00", "\x00\x00", "\x02\x01", "\x01\x02\x03"} {
		split := operator.Split{ID: "x", Payload: []byte(payload)}
		if _, err := s.Open(t.Context(), split, nil); err == nil {
			t.Errorf("payload %q: no error", payload)
		}
	}
}

func TestBuild(t *testing.T) {
	build := func(cfg Config, n int64) (*plan.Graph, error) {
		return dataflow.Define("f", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
			Read(g, "events", n, cfg, event.Timed(4*time.Second))
		}).Build(&struct{}{})
	}
	g, err := build(Config{}, -1)
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Step("events").Source; !got.EventTime || got.Disorder != 4*time.Second {
		t.Errorf("event time is not set: %+v", got)
	}
	for _, cfg := range []Config{
		{Splits: -1}, {Rate: -1}, {Shuffle: 953}, {Late: 1.5}, {Delay: -1}, {Pace: 7},
		{BidBytes: 1 << 20}, {HotAuctions: -2}, {Start: -1},
		{Late: 0.1, Delay: time.Hour, Rate: maxRate},
	} {
		if _, err := build(cfg, 10); err == nil {
			t.Errorf("%+v is accepted", cfg)
		}
	}
	if _, err := build(Config{}, maxEvents+1); err == nil {
		t.Error("too many events are accepted")
	}
}
