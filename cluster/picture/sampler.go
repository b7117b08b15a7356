package picture

import (
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Point is a run in one short time.
type Point struct {
	At            time.Duration // the end of it, since the run began
	Over          time.Duration // how long it is
	Read, Written float64       // records a second
	Inside        time.Duration // estimate of how long records are inside
	// Lag is how far the watermark is behind the time of day; below 0 if the
	// event times are not of today.
	Lag           time.Duration
	Used, Granted float64 // credits, in batches
}

// live is how far behind a watermark may be for its flow to count as live.
const live = time.Hour

// shortest is the time over which counts make a rate. Over less, such as between
// the last tick of a clock and the end of a run, one batch looks like a flood.
const shortest = 20 * time.Millisecond

// Sampler makes points of successive stats. The zero value is ready.
type Sampler struct {
	begun, made bool // there was a sample, a point
	last        time.Duration
	histories   map[string]*history // of vertices
	total       counts
}

// vertex is what is known of a step's subtasks together.
type vertex struct {
	sent   int64         // bytes, so far
	used   int           // credits
	inside time.Duration // from here on, until the next step has processed it
	next   []string
}

type counts struct{ read, written int64 }

// Sample is the run since the last sample that made a point; ok is false for
// the first sample, for one too soon after a point, and before there are
// tasks. The time of day is for the watermark's lag.
func (s *Sampler) Sample(stats actors.Stats, at time.Duration, now time.Time) (p Point, ok bool) {
	passed := at - s.last
	if s.begun && (passed <= 0 || passed < shortest && s.made || len(stats.Tasks) == 0) {
		return Point{}, false
	}
	vertices, total := look(stats)
	p = Point{At: at, Over: passed, Lag: lag(stats, now)}
	for _, t := range stats.Tasks {
		p.Granted += float64(t.Credits)
		p.Used += float64(t.Credits - t.CreditsHeld)
	}
	s.wait(vertices, float64(stats.InFlight)/max(1, p.Used), at)
	p.Inside = inside(vertices)
	before, first := s.total, !s.begun
	s.last, s.total, s.begun = at, total, true
	if first {
		return Point{}, false
	}
	s.made = true
	p.Read = float64(max(0, total.read-before.read)) / passed.Seconds()
	p.Written = float64(max(0, total.written-before.written)) / passed.Seconds()
	return p, true
}

// look adds up what tasks report, by vertex.
func look(stats actors.Stats) (map[string]vertex, counts) {
	vertices, total := map[string]vertex{}, counts{}
	for _, t := range stats.Tasks {
		if t.Source {
			total.read += t.RecordsIn
		}
		if t.Sink {
			total.written += t.RecordsOut
		}
		v := vertices[t.Vertex]
		v.sent += t.BytesOut
		v.used += t.Credits - t.CreditsHeld
		if t.Subtask == 0 {
			v.next = receivers(stats, t)
		}
		vertices[t.Vertex] = v
	}
	return vertices, total
}

// receivers are the vertices that a task sends to.
func receivers(stats actors.Stats, t actors.TaskStats) (names []string) {
	for _, lanes := range t.Lanes {
		if len(lanes) > 0 && lanes[0] < len(stats.Tasks) {
			names = append(names, stats.Tasks[lanes[0]].Vertex)
		}
	}
	return names
}

// wait estimates how long what a vertex has sent waits and is worked on, with
// batches of so many bytes.
func (s *Sampler) wait(vertices map[string]vertex, batch float64, at time.Duration) {
	if s.histories == nil {
		s.histories = map[string]*history{}
	}
	for name, v := range vertices {
		h := s.histories[name]
		if h == nil {
			h = &history{}
			s.histories[name] = h
		}
		h.add(at, float64(v.sent))
		v.inside = h.age(float64(v.used) * batch)
		vertices[name] = v
	}
}

// inside is the most time from any vertex to the end of the flow.
func inside(vertices map[string]vertex) (most time.Duration) {
	known := map[string]time.Duration{}
	for name := range vertices {
		most = max(most, longest(vertices, name, known))
	}
	return most
}

// longest is the most time from a vertex to the end of the flow, which has no
// cycles. It is computed once for each vertex.
func longest(vertices map[string]vertex, name string, known map[string]time.Duration) time.Duration {
	if d, ok := known[name]; ok {
		return d
	}
	v, behind := vertices[name], time.Duration(0)
	known[name] = v.inside // ends what a cycle would never
	for _, next := range v.next {
		behind = max(behind, longest(vertices, next, known))
	}
	known[name] = v.inside + behind
	return v.inside + behind
}

// lag is how far the least watermark is behind the time of day, or -1.
func lag(stats actors.Stats, now time.Time) time.Duration {
	least := operator.MaxTimestamp
	for _, t := range stats.Tasks {
		least = min(least, t.Watermark)
	}
	if least == operator.MinTimestamp || least == operator.MaxTimestamp {
		return -1
	}
	if d := now.Sub(least.Time()); d >= 0 && d < live {
		return d
	}
	return -1
}
