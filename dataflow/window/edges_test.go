package window

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// at sets a batch's event times.
func (s *subject) at(key string, times ...operator.Timestamp) operator.Batch {
	b := s.pool.Get()
	for i, t := range times {
		b.Keys = append(b.Keys, key)
		b.Hashes = append(b.Hashes, s.hash(key))
		b.Values = append(b.Values, item{int64(i), 1})
		b.Times = append(b.Times, t)
	}
	return b
}

func counted(t *testing.T, spec Spec) *subject { return aggregated(t, spec, agg.Count[item]()) }

func TestGlobalWindow(t *testing.T) {
	s := counted(t, Global())
	s.host.process(0, s.at("b", operator.MinTimestamp, 5, operator.MaxTimestamp-1))
	s.host.process(0, s.at("a", 1))
	if got := s.host.watermark(sec(1000)); len(got) > 0 {
		t.Errorf("the global window fired before the end: %q", got)
	}
	s.host.crash(sec(1000))
	s.host.process(0, s.at("b", 7))
	end := seconds(operator.MaxTimestamp)
	want := []string{fmt.Sprintf("b until %d: 4", end), fmt.Sprintf("a until %d: 1", end)}
	if got := s.host.watermark(operator.MaxTimestamp); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := s.host.process(0, s.at("a", 1)); !slices.Equal(got, []string{"late 0"}) {
		t.Errorf("after the end: got %q, want the record late", got)
	}
}

func TestGlobalJoin(t *testing.T) {
	s := joined(t, Global(), false)
	end := seconds(operator.MaxTimestamp)
	s.host.process(0, s.at("a", operator.MinTimestamp, 5))
	s.host.crash(operator.MinTimestamp)
	s.host.process(1, s.at("a", 3))
	s.host.watermark(sec(10))
	s.host.process(1, s.at("b", 3))
	want := []string{
		fmt.Sprintf("a until %d: 0 with 0", end), fmt.Sprintf("a until %d: 1 with 0", end),
	}
	if got := s.host.watermark(operator.MaxTimestamp); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBounds pins down what is inside a window and when it is late.
func TestBounds(t *testing.T) {
	end := sec(10)
	tests := []struct {
		name string
		spec Spec
		play func(s *subject) []string
		want []string
	}{
		{"a record at the end is in the next window", Tumbling(10 * time.Second),
			func(s *subject) []string {
				s.host.process(0, s.at("a", end-1, end))
				return s.host.watermark(end)
			}, []string{"a until 10: 1"}},
		{"a watermark short of the end does not fire", Tumbling(10 * time.Second),
			func(s *subject) []string {
				s.host.process(0, s.at("a", 0))
				return s.host.watermark(end - 1)
			}, nil},
		{"a record as old as the watermark is not late", Tumbling(10 * time.Second),
			func(s *subject) []string {
				s.host.watermark(end)
				s.host.process(0, s.at("a", end))
				return s.host.watermark(end * 2)
			}, []string{"a until 20: 1"}},
		{"an older record is late only if its window has closed", Tumbling(10 * time.Second),
			func(s *subject) []string {
				s.host.watermark(end + 5)
				return s.host.process(0, s.at("a", end, end-1))
			}, []string{"late 1"}},
		{"the last instant of the allowance", Tumbling(10 * time.Second).AllowLateness(time.Second),
			func(s *subject) []string {
				s.host.watermark(end + sec(1) - 1)
				return s.host.process(0, s.at("a", 0))
			}, []string{"a until 10: 1"}},
		{"past the allowance", Tumbling(10 * time.Second).AllowLateness(time.Second),
			func(s *subject) []string {
				s.host.watermark(end + sec(1))
				return s.host.process(0, s.at("a", 0))
			}, []string{"late 0"}},
		{"records a gap apart are in two sessions", Session(10 * time.Second),
			func(s *subject) []string {
				s.host.process(0, s.at("a", 0, end))
				return s.host.watermark(end * 2)
			}, []string{"a until 10: 1", "a until 20: 1"}},
		{"records closer than a gap are in one", Session(10 * time.Second),
			func(s *subject) []string {
				s.host.process(0, s.at("a", sec(1), end))
				return s.host.watermark(end * 2)
			}, []string{"a until 20: 2"}},
		{"a late record keeps a session that is still open", Session(10 * time.Second),
			func(s *subject) []string {
				s.host.process(0, s.at("a", end))
				s.host.watermark(sec(15))
				s.host.process(0, s.at("a", sec(1)))
				return s.host.watermark(sec(20))
			}, []string{"a until 20: 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.play(counted(t, tt.spec)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNoEventTime(t *testing.T) {
	for _, spec := range specs() {
		for _, s := range []*subject{counted(t, spec), joined(t, spec, false)} {
			err := s.host.op.Process(0, s.at("a", 0, operator.MinTimestamp), s.host)
			if err == nil || !strings.Contains(err.Error(), "{ID:1 N:1}") ||
				!strings.Contains(err.Error(), "dataflow.EventTime") {
				t.Errorf("%v: got %v, want an error with the record and the remedy", spec, err)
			}
		}
	}
}

// TestEndsOfTime puts records at the ends of what a timestamp can hold: none
// may be lost and no loop may run for ever.
func TestEndsOfTime(t *testing.T) {
	for _, spec := range specs() {
		t.Run(spec.String(), func(t *testing.T) {
			if spec.Slide < spec.Size {
				spec = Sliding(spec.Slide*2, spec.Slide).WithOffset(spec.Offset)
			}
			s := aggregated(t, spec, bag())
			s.host.process(0, s.at("a", operator.MinTimestamp+1, operator.MaxTimestamp-1,
				operator.MaxTimestamp, 0, operator.MinTimestamp+sec(1)))
			s.host.watermark(operator.MinTimestamp + 2)
			s.host.crash(operator.MinTimestamp + 2)
			lines := strings.Join(s.host.watermark(0), " ")
			lines += strings.Join(s.host.watermark(operator.MaxTimestamp), " ")
			for id := range 5 {
				if !strings.Contains(strings.ReplaceAll(lines, "]", " "), fmt.Sprint(id, " ")) {
					t.Errorf("record %d is missing from %s", id, lines)
				}
			}
			if n := s.host.rt.State.Entries(); n != 0 {
				t.Errorf("%d entries are left", n)
			}
		})
	}
}

func TestPanics(t *testing.T) {
	bad := agg.Count[item]()
	bad.Add = func(n int64, i item) int64 { return n / (2 - i.ID) }
	sad := agg.Count[item]()
	sad.Result = func(int64) int64 { panic("no result") }
	for _, spec := range specs() {
		s := aggregated(t, spec, bad)
		err := s.host.op.Process(0, s.at("a", 1, 1, 1), s.host)
		wantPanic(t, spec, err, "{ID:2 N:1}")
		s = aggregated(t, spec, sad)
		s.host.process(0, s.at("key", 1))
		err = s.host.op.(operator.Watermarker).Watermark(operator.MaxTimestamp, s.host)
		wantPanic(t, spec, err, "key")
		s = joined(t, spec, false)
		hash := hashOf[string](t)
		s.host.make = func() operator.Operator {
			return NewJoin(spec, func(string, item, item) string { panic("no pair") }, hash,
				JoinPools[item, item, string]{Out: operator.NewPool[string]()})
		}
		s.host.start(operator.MinTimestamp, nil)
		s.host.process(0, s.at("key", 1))
		s.host.process(1, s.at("key", 1))
		err = s.host.op.(operator.Watermarker).Watermark(operator.MaxTimestamp, s.host)
		wantPanic(t, spec, err, "key")
	}
}

func wantPanic(t *testing.T, spec Spec, err error, record string) {
	t.Helper()
	p, ok := errors.AsType[*operator.Panic](err)
	if !ok || !strings.Contains(p.Record, record) {
		t.Errorf("%v: got %v, want a panic at %s", spec, err, record)
	}
}

// TestManyKeys checks order and size of batches where a window has more keys
// than a batch has room for.
func TestManyKeys(t *testing.T) {
	const keys = 3*operator.BatchSize + 7
	for _, spec := range specs() {
		s := counted(t, spec)
		var want []string
		for i := range keys {
			key := fmt.Sprint("k", i*7919%keys)
			s.host.process(0, s.at(key, 0))
			want = append(want, key)
		}
		s.host.crash(operator.MinTimestamp)
		got := s.host.watermark(s.host.firstEnd(spec))
		for i := range got {
			got[i], _, _ = strings.Cut(got[i], " ")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %d keys came out, not %d in the order they went in", spec, len(got), keys)
		}
	}
}

// firstEnd is when the first window with a record at time 0 ends.
func (h *host) firstEnd(spec Spec) operator.Timestamp {
	if spec.Kind == SessionKind {
		return operator.Timestamp(spec.Gap)
	}
	return spec.paneEnd(spec.start(0))
}

// TestIdleKeysRetire checks that keys whose windows have passed are neither
// visited nor kept.
func TestIdleKeysRetire(t *testing.T) {
	spec := Sliding(4*time.Second, time.Second).AllowLateness(100 * time.Second)
	s := counted(t, spec)
	op := s.host.op.(*sliding[string, item, int64, int64])
	for i := range 50 {
		s.host.process(0, s.at(fmt.Sprint("k", i), 0))
	}
	s.host.watermark(sec(2))
	if got := len(op.line.active); got != 50 {
		t.Errorf("%d keys are active inside their windows, want 50", got)
	}
	s.host.watermark(sec(4))
	if a, m := len(op.line.active), len(op.line.members); a != 0 || m != 50 {
		t.Errorf("within the allowance %d keys are active and %d kept, want 0 and 50", a, m)
	}
	s.host.watermark(sec(104))
	if m, p := len(op.line.members), len(op.line.panes); m != 0 || p != 0 {
		t.Errorf("past the allowance %d keys and %d panes are kept, want none", m, p)
	}
}

// TestJoinCheckpointsGrowWithChange adds one record to a window with many.
func TestJoinCheckpointsGrowWithChange(t *testing.T) {
	s := joined(t, Tumbling(time.Hour), false)
	for i := range 5000 {
		s.host.process(i%2, s.at("a", sec(1)))
	}
	s.host.checkpoint()
	s.host.process(0, s.at("a", sec(1)))
	if err := s.host.rt.State.Capture(&s.host.store, false); err != nil {
		t.Fatal(err)
	}
	for done := false; !done; {
		done, _ = s.host.rt.State.Encode(100)
	}
	entries := 0
	for _, b := range s.host.store.fresh {
		entries += b.Entries
	}
	if entries != 1 {
		t.Errorf("one more record made the checkpoint write %d entries, want 1", entries)
	}
}

// TestRescale restores one subtask's state into two and compares what they
// emit together with what the one would have.
func TestRescale(t *testing.T) {
	for _, spec := range specs() {
		for _, mk := range []func() *subject{
			func() *subject { return counted(t, spec) }, func() *subject { return joined(t, spec, true) },
		} {
			one := mk()
			for i := range 40 {
				key := fmt.Sprint("k", i%8)
				one.host.process(0, one.at(key, sec(int64(i))))
			}
			one.host.watermark(sec(20))
			one.host.checkpoint()
			var got []string
			for half := range 2 {
				h := *one.host
				h.op = h.make()
				rt := *h.rt
				rt.Watermark = sec(20)
				rt.State = state.NewBackend(state.Config{
					Step: "step", Groups: testGroups, Restore: &h.store,
					Range: state.RangeOf(half, 2, testGroups),
				})
				if err := h.op.(operator.Opener).Open(&rt); err != nil {
					t.Fatal(err)
				}
				got = append(got, h.watermark(operator.MaxTimestamp)...)
			}
			want := one.host.watermark(operator.MaxTimestamp)
			if len(want) == 0 || !sameLines(got, want) {
				t.Errorf("%v: two halves emit %q, want %q", spec, got, want)
			}
		}
	}
}

// TestMergesPerSlide counts merges, which must not grow with the number of
// slides that a window spans.
func TestMergesPerSlide(t *testing.T) {
	for _, n := range []int{10, 100, 3600} {
		merges := 0
		a := agg.Max(func(i item) int64 { return i.N })
		merge := a.Merge
		a.Merge = func(x, y agg.Pick[int64]) agg.Pick[int64] { merges++; return merge(x, y) }
		s := aggregated(t, Sliding(time.Duration(n)*time.Second, time.Second), a)
		s.host.discard = true
		for slide := range int64(3 * n) {
			s.host.process(0, s.at("a", sec(slide), sec(slide), sec(slide)))
			s.host.watermark(sec(slide + 1))
		}
		if per := float64(merges) / float64(3*n); per > 3 {
			t.Errorf("windows of %d slides took %.2f merges a slide, want at most 3", n, per)
		}
	}
}
