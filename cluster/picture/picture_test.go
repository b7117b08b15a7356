package picture

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestDecimation adds a million points of differing length, one of them a peak.
func TestDecimation(t *testing.T) {
	const samples, peak = 1_000_000, 700_001
	p := New("long")
	var at time.Duration
	var read, used float64
	for i := range samples {
		over := time.Duration(100+i%7) * time.Millisecond
		at += over
		point := Point{At: at, Over: over, Read: float64(i % 1000), Used: float64(i % 2), Inside: 1, Lag: -1}
		if i == peak {
			point.Inside, point.Lag = time.Minute, time.Second
		}
		read += point.Read * over.Seconds()
		used += point.Used * over.Seconds()
		p.Add(point)
		if len(p.points) >= mostPoints || cap(p.points) > 2*mostPoints {
			t.Fatalf("after %d samples: %d points, capacity %d", i, len(p.points), cap(p.points))
		}
	}
	var got Point
	var gotRead, gotUsed float64
	points := p.drawn()
	for i, point := range points {
		if n := points[0].Over; i < len(p.points) && (point.Over < n*9/10 || point.Over > n*11/10) {
			t.Errorf("point %d is of %v, the first of %v", i, point.Over, n)
		}
		got.Over += point.Over
		got.Inside, got.Lag = max(got.Inside, point.Inside), max(got.Lag, point.Lag)
		gotRead += point.Read * point.Over.Seconds()
		gotUsed += point.Used * point.Over.Seconds()
	}
	if len(points) < mostPoints/2 {
		t.Errorf("got %d points, want at least %d", len(points), mostPoints/2)
	}
	if got.Over != at || points[len(points)-1].At != at {
		t.Errorf("got points of %v up to %v, want %v", got.Over, points[len(points)-1].At, at)
	}
	if got.Inside != time.Minute || got.Lag != time.Second {
		t.Errorf("got peaks of %v and %v, want 1m and 1s", got.Inside, got.Lag)
	}
	if math.Abs(gotRead-read) > 1e-6*read || math.Abs(gotUsed-used) > 1e-6*used {
		t.Errorf("got %v records and %v credits, want %v and %v", gotRead, gotUsed, read, used)
	}
}

func TestMergeOfNoTime(t *testing.T) {
	if got := merge(Point{Read: 1}, Point{Read: 2}).Read; got != 1 {
		t.Errorf("got %v records a second, want 1", got)
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct{ spans, want string }{
		{"", ""},
		{"0-1", "0-1"},
		{"0-1 3-4", "0-1 3-4"},
		{"0-1 2-3", "0-3"}, // apart by the gap itself
		{"0-1 2-3 4-5 9-9", "0-5 9-9"},
		{"0-9 2-3 10-11", "0-11"}, // one within the other
	} {
		got := []string{}
		for _, s := range join(spansOf(t, c.spans), 1) {
			got = append(got, fmt.Sprintf("%d-%d", s.from, s.to))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", c.spans, got, c.want)
		}
	}
}

func spansOf(t *testing.T, text string) (spans []span) {
	t.Helper()
	for _, f := range strings.Fields(text) {
		var s span
		if _, err := fmt.Sscanf(f, "%d-%d", &s.from, &s.to); err != nil {
			t.Fatal(err)
		}
		spans = append(spans, s)
	}
	return spans
}

// TestManyCheckpoints has a hundred thousand of them, and a rest in the middle
// that must stay visible.
func TestManyCheckpoints(t *testing.T) {
	const n = 100_000
	p := New("busy")
	at := time.Duration(0)
	for i := range n {
		at += 100 * time.Millisecond
		if i == n/2 {
			at += time.Hour
		}
		p.Checkpoint(at-time.Millisecond, at)
		if len(p.spans) > mostSpans {
			t.Fatalf("after %d: %d spans", i, len(p.spans))
		}
	}
	first, last, rest := p.spans[0].from, p.spans[len(p.spans)-1].to, time.Duration(0)
	for i, s := range p.spans[1:] {
		rest = max(rest, s.from-p.spans[i].to)
	}
	if first != 99*time.Millisecond || last != at || rest != time.Hour+99*time.Millisecond {
		t.Errorf("got spans from %v to %v, apart by up to %v", first, last, rest)
	}
	zero := New("at once")
	for range 10 * mostSpans {
		zero.Checkpoint(-1, 0)
	}
	if len(zero.spans) > mostSpans {
		t.Errorf("%d spans at one moment", len(zero.spans))
	}
}

func TestManyMarks(t *testing.T) {
	p := New("unlucky")
	for i := range 2 * mostSpans {
		p.Mark(time.Duration(i), strings.Repeat("é", 1000))
	}
	if len(p.marks) != mostSpans {
		t.Errorf("got %d marks, want %d", len(p.marks), mostSpans)
	}
	text := p.marks[0].text
	if len(text) > mostText+len("…") || !utf8.ValidString(text) || !strings.HasSuffix(text, "é…") {
		t.Errorf("got a text of %d bytes: %q", len(text), text)
	}
}
