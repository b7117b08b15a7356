package cluster

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/flyball-stream/flyball/dataflow/plan"
)

// Measures of the drawing, in pixels.
const (
	boxHeight = 52
	boxGapX   = 96
	boxGapY   = 24
	charWidth = 7
)

// box is where a vertex stands in the drawing.
type box struct{ x, y, width int }

// diagram draws a plan as inline SVG: sources on the left, one column a step
// further from them, and an arrow an edge.
func diagram(p *plan.Plan) template.HTML {
	boxes, width, height := layout(p)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img" `+
		`aria-label="plan of the flow">`, width, height, width, height)
	b.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" ` +
		`markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>`)
	for _, e := range p.Edges {
		arrow(&b, boxes[e.From.ID], boxes[e.To.ID], e.Partitioning.String())
	}
	for _, v := range p.Vertices {
		at := boxes[v.ID]
		fmt.Fprintf(&b, `<g><rect x="%d" y="%d" width="%d" height="%d" rx="6"/>`,
			at.x, at.y, at.width, boxHeight)
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`, at.x+12, at.y+22, html.EscapeString(v.Name))
		fmt.Fprintf(&b, `<text class="dim" x="%d" y="%d">×%d, %s</text></g>`,
			at.x+12, at.y+40, v.Parallelism, countOf(int64(len(v.Steps)), "step"))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) // all that users wrote is escaped above
}

func arrow(b *strings.Builder, from, to box, how string) {
	x1, y1 := from.x+from.width, from.y+boxHeight/2
	x2, y2 := to.x, to.y+boxHeight/2
	bend := (x1 + x2) / 2
	fmt.Fprintf(b, `<path class="edge" d="M%d %dC%d %d %d %d %d %d" marker-end="url(#tip)"/>`,
		x1, y1, bend, y1, bend, y2, x2, y2)
	fmt.Fprintf(b, `<text class="dim" text-anchor="middle" x="%d" y="%d">%s</text>`,
		bend, (y1+y2)/2-6, how)
}

// layout places every vertex, by id, and returns the size of the drawing.
func layout(p *plan.Plan) (boxes []box, width, height int) {
	column := make([]int, len(p.Vertices))
	var widths, rows []int
	for _, v := range p.Vertices { // upstream before downstream
		for _, e := range v.In {
			column[v.ID] = max(column[v.ID], column[e.From.ID]+1)
		}
		for len(widths) <= column[v.ID] {
			widths, rows = append(widths, 0), append(rows, 0)
		}
		w := 24 + charWidth*max(utf8.RuneCountInString(v.Name), 12)
		widths[column[v.ID]] = max(widths[column[v.ID]], w)
	}
	left := make([]int, len(widths)+1)
	for i, w := range widths {
		left[i+1] = left[i] + w + boxGapX
	}
	boxes = make([]box, len(p.Vertices))
	for _, v := range p.Vertices {
		c := column[v.ID]
		boxes[v.ID] = box{left[c] + 1, rows[c]*(boxHeight+boxGapY) + 1, widths[c]}
		rows[c]++
		height = max(height, rows[c]*(boxHeight+boxGapY))
	}
	return boxes, max(left[len(widths)]-boxGapX, 0) + 2, height
}
