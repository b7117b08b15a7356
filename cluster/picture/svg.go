package picture

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Measures of the drawing, in pixels.
const (
	width       = 960
	left        = 72
	plotWidth   = width - left - 24
	top         = 64
	panelHeight = 150
	panelGap    = 44
)

const style = `<style>text{font:12px system-ui,sans-serif;fill:#333}` +
	`.title{font-size:16px;font-weight:600}.dim{fill:#666}.end{text-anchor:end}` +
	`.mid{text-anchor:middle}.grid{stroke:#e4e4e4}.axis{stroke:#888}` +
	`.line{fill:none;stroke-width:1.5;stroke-linejoin:round;` +
	`stroke-linecap:round}.dash{stroke-dasharray:5 4}` +
	`.band{fill:#f0b429;fill-opacity:.3}.mark{stroke:#c0392b;stroke-width:1.5}</style>`

// The colours of lines: told apart by those who see no red or green, too.
const (
	blue   = "#1f6fb2"
	orange = "#d1660f"
	grey   = "#777777"
	red    = "#c0392b"
)

// series is one line of a panel.
type series struct {
	name   string
	colour string
	dashed bool
	value  func(Point) float64 // below 0 for none
}

// panel is one plot. Panels have the time in common.
type panel struct {
	title  string
	format func(float64) string
	lines  []series
}

// Write draws the picture as SVG.
func (p *Picture) Write(w io.Writer) error {
	panels := p.panels()
	height := top + len(panels)*(panelHeight+panelGap) + 20
	c := &canvas{end: p.end(), points: p.drawn()}
	c.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">`,
		width, height, width, height)
	c.printf("%s\n"+`<rect width="100%%" height="100%%" fill="#fff"/>`, style)
	c.printf(`<text class="title" x="%d" y="26">%s</text>`, left, escape(p.Title))
	spans := join(p.spans, c.end/plotWidth)
	for i := range panels {
		c.y = top + i*(panelHeight+panelGap)
		c.behind(spans, p.marks)
		c.panel(&panels[i])
	}
	c.key(p)
	c.printf("</svg>")
	if _, err := io.WriteString(w, c.b.String()); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

func (p *Picture) panels() []panel {
	inside := panel{"time inside, estimated", length, []series{
		{"from reading to the end", blue, false, func(p Point) float64 { return p.Inside.Seconds() }},
	}}
	for _, point := range p.drawn() {
		if point.Lag >= 0 {
			inside.lines = append(inside.lines, series{"watermark lag", orange, false,
				func(p Point) float64 { return p.Lag.Seconds() }})
			break
		}
	}
	if p.Goal > 0 {
		inside.lines = append(inside.lines, p.goal())
	}
	return []panel{
		{"records a second", figure, []series{
			{"read", blue, false, func(p Point) float64 { return p.Read }},
			{"written", orange, false, func(p Point) float64 { return p.Written }},
		}},
		inside,
		{"credits, in batches", figure, []series{
			{"in use", blue, false, func(p Point) float64 { return p.Used }},
			{"granted", grey, true, func(p Point) float64 { return p.Granted }},
		}},
	}
}

// aloof is how many times the most of the rest a goal may be and be drawn to
// scale: beyond, the rest would be a flat line.
const aloof = 4

func (p *Picture) goal() series {
	goal, most := p.Goal.Seconds(), 0.0
	for _, point := range p.drawn() {
		most = max(most, point.Inside.Seconds(), point.Lag.Seconds())
	}
	s := series{"goal " + length(goal), red, true, func(Point) float64 { return goal }}
	if goal > aloof*most {
		s.name += ", above"
		s.value = func(Point) float64 { return -1 }
	}
	return s
}

// canvas is a drawing under way.
type canvas struct {
	b      strings.Builder
	y      int // top of the present panel
	end    time.Duration
	points []Point
}

func (c *canvas) printf(format string, args ...any) {
	fmt.Fprintf(&c.b, format+"\n", args...)
}

// escape makes text fit for XML, which has no way to write some characters.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes all
	return b.String()
}

// x is where a time is.
func (c *canvas) x(at time.Duration) float64 {
	return left + plotWidth*min(1, float64(at)/float64(c.end))
}

// behind draws the checkpoints and events of a panel.
func (c *canvas) behind(spans []span, marks []mark) {
	for _, s := range spans {
		from, to := c.x(s.from), c.x(s.to)
		c.printf(`<rect class="band" x="%.1f" y="%d" width="%.1f" height="%d"/>`,
			from, c.y, max(1, to-from), panelHeight)
	}
	for _, m := range marks {
		x := c.x(m.at)
		c.printf(`<path class="mark" d="M%.1f %dv%d"><title>%s</title></path>`,
			x, c.y, panelHeight, escape(m.text))
	}
}

func (c *canvas) panel(p *panel) {
	most := 0.0
	for _, line := range p.lines {
		for _, point := range c.points {
			most = max(most, line.value(point))
		}
	}
	step, end := ticks(most, 4)
	bottom := c.y + panelHeight
	for v := 0.0; v <= end*(1+1e-9); v += step {
		y := float64(bottom) - panelHeight*v/end
		c.printf(`<path class="grid" d="M%d %.1fh%d"/>`, left, y, plotWidth)
		c.printf(`<text class="dim end" x="%d" y="%.1f">%s</text>`, left-8, y+4, p.format(v))
	}
	c.times(bottom)
	c.names(p)
	for _, line := range p.lines {
		c.line(line, end)
	}
}

// times draws the axis below a panel.
func (c *canvas) times(bottom int) {
	step := timeStep(c.end, 10)
	for at := time.Duration(0); at <= c.end; at += step {
		x := c.x(at)
		c.printf(`<path class="axis" d="M%.1f %dv4"/>`, x, bottom)
		c.printf(`<text class="dim mid" x="%.1f" y="%d">%s</text>`, x, bottom+17, length(at.Seconds()))
	}
	c.printf(`<path class="axis" d="M%d %dh%d"/>`, left, bottom, plotWidth)
}

// names writes the title of a panel and, in their colours, what its lines are.
func (c *canvas) names(p *panel) {
	c.printf(`<text x="%d" y="%d">%s</text>`, left, c.y-8, p.title)
	c.printf(`<text class="end" x="%d" y="%d">`, left+plotWidth, c.y-8)
	for i, line := range p.lines {
		sign, gap := "—", ""
		if line.dashed {
			sign = "- -"
		}
		if i > 0 {
			gap = "\u2003" // a space that is kept
		}
		c.printf(`<tspan fill="%s">%s%s %s</tspan>`, line.colour, gap, sign, escape(line.name))
	}
	c.printf("</text>")
}

func (s *series) class() string {
	if s.dashed {
		return "line dash"
	}
	return "line"
}

// line draws a series, with gaps where it has no value.
func (c *canvas) line(s series, end float64) {
	var d strings.Builder
	pen := "M"
	for _, point := range c.points {
		v := s.value(point)
		if v < 0 {
			pen = "M"
			continue
		}
		y := float64(c.y+panelHeight) - panelHeight*v/end
		fmt.Fprintf(&d, "%s%.1f %.1f", pen, c.x(point.At), y)
		if pen == "M" {
			d.WriteString("h0") // a dot, if no point follows
		}
		pen = "L"
	}
	if d.Len() > 0 {
		c.printf(`<path class="%s" stroke="%s" d="%s"/>`, s.class(), s.colour, d.String())
	}
}

// key says what bands and marks are.
func (c *canvas) key(p *Picture) {
	x := left + plotWidth
	if len(p.marks) > 0 {
		c.printf(`<text class="end" x="%d" y="26">restart or failed checkpoint</text>`, x)
		c.printf(`<path class="mark" d="M%d 14v14"/>`, x-178)
		x -= 202
	}
	if len(p.spans) > 0 {
		c.printf(`<text class="end" x="%d" y="26">checkpoint</text>`, x)
		c.printf(`<rect class="band" x="%d" y="14" width="16" height="14"/>`, x-90)
	}
}
