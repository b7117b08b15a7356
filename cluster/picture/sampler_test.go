package picture

import (
	"fmt"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

const ms = time.Millisecond

// line is a flow of three vertices, a → b → c: a source, a step on two subtasks
// and a sink. Sent are bytes, used credits of 8 a channel.
func line(aSent int64, aUsed int, bSent int64, bUsed int, inFlight int64) actors.Stats {
	return actors.Stats{InFlight: inFlight, Tasks: []actors.TaskStats{
		{Vertex: "a", Source: true, RecordsIn: aSent / 10, RecordsOut: aSent / 10, BytesOut: aSent,
			Credits: 16, CreditsHeld: 16 - aUsed, Watermark: operator.MaxTimestamp, Lanes: [][]int{{1, 2}}},
		{Vertex: "b", BytesOut: bSent / 2, Credits: 8, CreditsHeld: 8 - bUsed,
			Watermark: operator.MaxTimestamp, Lanes: [][]int{{3}}},
		{Vertex: "b", Subtask: 1, BytesOut: bSent - bSent/2, Credits: 8, CreditsHeld: 8,
			Watermark: operator.MaxTimestamp, Lanes: [][]int{{3}}},
		{Vertex: "c", Sink: true, RecordsOut: bSent / 100, Watermark: operator.MaxTimestamp},
	}}
}

// TestSampler follows a flow that is steady, stalls and goes on. At 10 kB a
// second behind a and 5 kB behind b, 600 bytes in flight in 3 batches, 2 of them
// behind a, are by Little's law 400 B / 10 kB/s = 40 ms and 200 B / 5 kB/s = 40 ms.
func TestSampler(t *testing.T) {
	steps := []struct {
		at    time.Duration
		stats actors.Stats
		want  string // time inside, records read and written a second, credits
	}{
		{100 * ms, line(1000, 2, 500, 1, 600), ""}, // nothing to compare with
		{200 * ms, line(2000, 2, 1000, 1, 600), "80ms 1000 50 3 32"},
		{300 * ms, line(3000, 2, 1500, 1, 600), "80ms 1000 50 3 32"},
		{300 * ms, line(3000, 2, 1500, 1, 600), ""}, // no time has passed
		{310 * ms, line(3500, 2, 1500, 1, 600), ""}, // too little has
		{400 * ms, line(3000, 2, 1500, 1, 600), "280ms 0 0 3 32"},
		{500 * ms, line(3000, 2, 1500, 1, 600), "480ms 0 0 3 32"}, // older by 100 ms at a and b
		{600 * ms, actors.Stats{}, ""},                            // as before a job begins
		// As much as in 100 ms before, over 200 ms: 20 kB/s and 10 kB/s would be
		// 40 ms; of the oldest bytes, 400 B and 200 B ago in half the rate, 80 ms each.
		{700 * ms, line(4000, 2, 2000, 1, 600), "160ms 500 25 3 32"},
		// A trickle: 40 B behind a, so that 360 B are from the time before, sent at
		// 5 B/ms: 100 ms + 72 ms. Behind b 20 B: 100 ms + 180 B at 2.5 B/ms = 172 ms.
		{800 * ms, line(4040, 2, 2020, 1, 600), "344ms 40 0 3 32"},
		{900 * ms, line(4040, 0, 2020, 0, 0), "0s 0 0 0 32"}, // all is done
		{999 * ms, line(0, 0, 0, 0, 0), "0s 0 0 0 32"},       // counts never go back, but if
	}
	var s Sampler
	for _, step := range steps {
		p, ok := s.Sample(step.stats, step.at, time.Time{})
		got := ""
		if ok {
			got = words(p)
		}
		if got != step.want {
			t.Errorf("at %v: got %q, want %q", step.at, got, step.want)
		}
	}
}

func words(p Point) string {
	return fmt.Sprint(p.Inside.Round(time.Microsecond), " ", p.Read, " ", p.Written, " ", p.Used, " ", p.Granted)
}

// TestOldest stalls before the first sample: what is in flight was sent at some
// time unknown, but the run's beginning bounds it.
func TestOldest(t *testing.T) {
	var s Sampler
	s.Sample(line(1000, 2, 0, 0, 400), 0, time.Time{})
	p, ok := s.Sample(line(1000, 2, 0, 0, 400), time.Second, time.Time{})
	if !ok || p.Inside != time.Second {
		t.Errorf("got %v, %v, want 1s", p.Inside, ok)
	}
}

// TestShortRun has two samples a moment apart, which are all there are.
func TestShortRun(t *testing.T) {
	var s Sampler
	s.Sample(actors.Stats{}, 0, time.Time{})
	p, ok := s.Sample(line(1000, 0, 1000, 0, 0), 2*ms, time.Time{})
	if got, want := words(p), "0s 50000 5000 0 32"; !ok || got != want {
		t.Errorf("got %q, %v, want %q", got, ok, want)
	}
}

// TestBranches takes the slower of two ways.
func TestBranches(t *testing.T) {
	got := inside(map[string]vertex{
		"a": {inside: 5, next: []string{"b", "c", "gone"}},
		"b": {inside: 70, next: []string{"d"}},
		"c": {inside: 100},
		"d": {inside: 31},
		"x": {inside: 105},
	})
	if got != 106 {
		t.Errorf("got %d, want 5 + 70 + 31", got)
	}
}

// TestHistoryIsBounded asks, after a million moments, for what is recent and for
// what is old.
func TestHistoryIsBounded(t *testing.T) {
	h := history{}
	for i := range 1_000_000 {
		h.add(time.Duration(i)*ms, float64(10*i))
		if len(h.moments) >= mostMoments {
			t.Fatalf("%d moments", len(h.moments))
		}
	}
	for _, c := range []struct {
		bytes       float64
		least, most time.Duration
	}{
		{-1, 0, 0},
		{0, 0, 0},
		{10, ms, ms},
		{25, 2500 * time.Microsecond, 2500 * time.Microsecond},
		{40_000, 4000 * ms, 4000 * ms}, // among thinned moments
		{1e9, 4500 * ms, 5500 * ms},    // as far as memory goes: ten times half of mostMoments
	} {
		if got := h.age(c.bytes); got < c.least || got > c.most {
			t.Errorf("%v bytes: got an age of %v, want %v to %v", c.bytes, got, c.least, c.most)
		}
	}
	quiet := history{}
	for i := range 100 {
		quiet.add(time.Duration(i)*ms, 1e18)
	}
	if n := len(quiet.moments); n != 2 {
		t.Errorf("got %d moments of a time in which nothing was sent, want 2", n)
	}
	if got := quiet.age(1e-9); got != 0 { // less than a bit of 1e18
		t.Errorf("got an age of %v, want 0", got)
	}
}

func TestLag(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) operator.Timestamp { return operator.TimestampOf(now.Add(-d)) }
	for _, c := range []struct {
		marks []operator.Timestamp
		want  time.Duration
	}{
		{nil, -1},
		{[]operator.Timestamp{ago(time.Second)}, time.Second},
		{[]operator.Timestamp{ago(time.Second), ago(time.Minute), operator.MaxTimestamp}, time.Minute},
		{[]operator.Timestamp{ago(time.Second), operator.MinTimestamp}, -1},
		{[]operator.Timestamp{operator.MaxTimestamp}, -1},
		{[]operator.Timestamp{ago(-time.Second)}, -1},
		{[]operator.Timestamp{ago(live)}, -1},
	} {
		var s actors.Stats
		for _, m := range c.marks {
			s.Tasks = append(s.Tasks, actors.TaskStats{Watermark: m})
		}
		if got := lag(s, now); got != c.want {
			t.Errorf("%v: got %v, want %v", c.marks, got, c.want)
		}
	}
}
