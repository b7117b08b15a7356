package progress

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

func TestMerger(t *testing.T) {
	const silent, end = operator.MinTimestamp, operator.MaxTimestamp
	type step struct {
		in    int
		at    operator.Timestamp // silent: the input falls idle
		low   operator.Timestamp
		risen bool
	}
	tests := []struct {
		name  string
		start operator.Timestamp
		steps []step
	}{
		{"minimum of both", silent, []step{
			{0, 100, silent, false}, {1, 70, 70, true}, {1, 90, 90, true}, {1, 120, 100, true},
		}},
		{"never falls", silent, []step{
			{0, 50, silent, false}, {1, 60, 50, true}, {0, 40, 50, false},
		}},
		{"an idle input does not hold the other back", silent, []step{
			{0, 50, silent, false}, {1, silent, 50, true}, {0, 80, 80, true},
		}},
		{"a late riser does not pull it back", silent, []step{
			{0, 50, silent, false}, {1, silent, 50, true}, {1, 10, 50, false}, {0, 90, 50, false},
			{1, 60, 60, true},
		}},
		{"all idle raises nothing", silent, []step{
			{0, silent, silent, false}, {1, silent, silent, false},
		}},
		{"an end beside an idle input is not the end of time", silent, []step{
			{0, 50, silent, false}, {1, 60, 50, true}, {0, end, 60, true},
			{1, silent, 60, false}, {1, 70, 70, true}, {1, end, end, true},
		}},
		{"goes on from a checkpoint", 100, []step{
			{0, 50, 100, false}, {1, 60, 100, false}, {0, 200, 100, false}, {1, 150, 150, true},
		}},
	}
	for _, test := range tests {
		m := NewMerger(2, test.start)
		for i, s := range test.steps {
			low, risen := m.Advance(s.in, s.at)
			if s.at == silent {
				low, risen = m.Idle(s.in)
			}
			if low != s.low || risen != s.risen {
				t.Errorf("%s: step %d: got %d, %v, want %d, %v", test.name, i, low, risen, s.low, s.risen)
			}
		}
	}
}

// TestIdleBesideEnd asks whether a task is idle whose inputs are idle or at
// their end.
func TestIdleBesideEnd(t *testing.T) {
	m := NewMerger(2, operator.MinTimestamp)
	for _, step := range []struct {
		what string
		do   func()
		want bool
	}{
		{"at the start", func() {}, false},
		{"one ended", func() { m.Advance(0, operator.MaxTimestamp) }, false},
		{"one ended, one idle", func() { m.Idle(1) }, true},
		{"one ended, one awake again", func() { m.Advance(1, 5) }, false},
		{"both ended", func() { m.Advance(1, operator.MaxTimestamp) }, false},
	} {
		if step.do(); m.AllIdle() != step.want {
			t.Errorf("%s: AllIdle() = %v, want %v", step.what, !step.want, step.want)
		}
	}
}

// TestBoundedHoldsItsPromise feeds records out of order within the bound: none
// may be older than a watermark announced before it.
func TestBoundedHoldsItsPromise(t *testing.T) {
	const disorder = 50
	r := rand.New(rand.NewPCG(1, 2))
	b := NewBounded(disorder*time.Nanosecond, operator.MinTimestamp)
	if b.Watermark() != operator.MinTimestamp {
		t.Errorf("Watermark() = %d before any record", b.Watermark())
	}
	for i := range operator.Timestamp(10_000) {
		at := i*3 - operator.Timestamp(r.IntN(disorder-2))
		if w := b.Watermark(); at < w {
			t.Fatalf("record %d is older than the watermark %d", at, w)
		}
		before := b.Watermark()
		b.Observe([]operator.Timestamp{at})
		if b.Watermark() < before {
			t.Fatalf("the watermark fell from %d to %d", before, b.Watermark())
		}
	}
}

func TestBoundedGoesOnFromItsWatermark(t *testing.T) {
	b := NewBounded(time.Second, operator.MinTimestamp)
	b.Observe([]operator.Timestamp{operator.Timestamp(10 * time.Second)})
	again := NewBounded(time.Second, b.Watermark())
	if again.Watermark() != b.Watermark() {
		t.Errorf("got %d, want %d", again.Watermark(), b.Watermark())
	}
}
