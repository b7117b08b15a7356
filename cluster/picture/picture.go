package picture

import (
	"strings"
	"time"
)

// mostPoints is how many points a picture keeps: more than it has columns.
const mostPoints = 1200

// mostSpans is how many checkpoints, and how many events, are kept apart.
const mostSpans = 2000

// span is a time.
type span struct{ from, to time.Duration }

// mark is an event with its name.
type mark struct {
	at   time.Duration
	text string
}

// Picture collects what is to be drawn of one run. Make one with [New].
type Picture struct {
	// Title is written above the panels.
	Title string
	// Goal is the latency goal; 0 is none.
	Goal time.Duration

	points  []Point
	pending Point // of so many samples
	samples int
	width   int // samples to a point
	spans   []span
	marks   []mark
}

// New makes an empty picture.
func New(title string) *Picture { return &Picture{Title: title, width: 1} }

// Add adds a point, which must not be earlier than those before it.
func (p *Picture) Add(point Point) {
	if p.samples == 0 {
		p.pending = point
	} else {
		p.pending = merge(p.pending, point)
	}
	if p.samples++; p.samples < p.width {
		return
	}
	p.points, p.samples = append(p.points, p.pending), 0
	if len(p.points) < mostPoints {
		return
	}
	for i := range mostPoints / 2 {
		p.points[i] = merge(p.points[2*i], p.points[2*i+1])
	}
	p.points = p.points[:mostPoints/2]
	p.width *= 2
}

// merge makes one point of two that follow each other.
func merge(a, b Point) Point {
	whole := max(1, a.Over+b.Over) // points that last no time count as nothing
	share := float64(b.Over) / float64(whole)
	mean := func(x, y float64) float64 { return x + (y-x)*share }
	return Point{
		At: b.At, Over: a.Over + b.Over, Inside: max(a.Inside, b.Inside), Lag: max(a.Lag, b.Lag),
		Read: mean(a.Read, b.Read), Written: mean(a.Written, b.Written),
		Used: mean(a.Used, b.Used), Granted: mean(a.Granted, b.Granted),
	}
}

// Checkpoint adds a complete checkpoint, in order. Where there are very many,
// those that a picture cannot keep apart become one.
func (p *Picture) Checkpoint(from, to time.Duration) {
	p.spans = append(p.spans, span{max(0, from), max(0, to)})
	if len(p.spans) >= mostSpans {
		p.spans = join(p.spans, p.spans[len(p.spans)-1].to/plotWidth)
	}
}

// join makes one of spans that are at most so far apart.
func join(spans []span, gap time.Duration) (joined []span) {
	for _, s := range spans {
		if n := len(joined); n > 0 && s.from-joined[n-1].to <= gap {
			joined[n-1].to = max(joined[n-1].to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// mostText is how many bytes of an event's name are kept: errors can be long.
const mostText = 300

// Mark adds an event, such as a restart. Those after the first two thousand are
// not drawn.
func (p *Picture) Mark(at time.Duration, text string) {
	if len(p.marks) == mostSpans {
		return
	}
	if len(text) > mostText {
		text = strings.ToValidUTF8(text[:mostText], "") + "…"
	}
	p.marks = append(p.marks, mark{max(0, at), text})
}

// drawn is all points, that which is not full among them.
func (p *Picture) drawn() []Point {
	points := p.points
	if p.samples > 0 {
		points = append(points[:len(points):len(points)], p.pending)
	}
	return points
}

// end is the last moment to draw.
func (p *Picture) end() time.Duration {
	end := time.Second
	if points := p.drawn(); len(points) > 0 {
		end = max(points[len(points)-1].At, time.Millisecond)
	}
	for _, s := range p.spans {
		end = max(end, s.to)
	}
	for _, m := range p.marks {
		end = max(end, m.at)
	}
	return end
}
