package plan

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Tasks is the number of tasks that run the plan: subtasks of all vertices.
func (p *Plan) Tasks() int {
	n := 0
	for _, v := range p.Vertices {
		n += v.Parallelism
	}
	return n
}

// Channels is the number of pairs of subtasks that exchange batches.
func (p *Plan) Channels() int {
	n := 0
	for _, e := range p.Edges {
		n += e.Channels()
	}
	return n
}

// Summary is the plan in one line: its vertices with their parallelism and
// the size of the whole.
func (p *Plan) Summary() string {
	names := make([]string, len(p.Vertices))
	for i, v := range p.Vertices {
		names[i] = v.label()
	}
	return fmt.Sprintf("%s; %s, %s", strings.Join(names, " | "),
		count(p.Tasks(), "task"), count(p.Channels(), "channel"))
}

// Text writes the plan for a reader: every vertex with the steps chained in
// it, each with its kind and line, and the edges that leave the vertex.
func (p *Plan) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	guarantee := "not exactly-once"
	if p.Graph.ExactlyOnce {
		guarantee = "exactly-once"
	}
	fmt.Fprintf(b, "flow %s: %s, %s, fingerprint %s\n", p.Graph.Flow, guarantee,
		count(p.Graph.Groups, "key group"), p.Fingerprint)
	fmt.Fprintf(b, "%s, %s, %s\n", plural(len(p.Vertices), "vertex", "vertices"),
		count(p.Tasks(), "task"), count(p.Channels(), "channel"))
	for _, v := range p.Vertices {
		p.vertexText(b, v)
	}
	return b.Flush()
}

func (p *Plan) vertexText(b *bufio.Writer, v *Vertex) {
	fmt.Fprintf(b, "\n[%d] %s\n", v.ID, v.label())
	name, kind := 0, 0
	for _, i := range v.Steps {
		name = max(name, utf8.RuneCountInString(p.Graph.Steps[i].Name))
		kind = max(kind, utf8.RuneCountInString(p.Graph.Steps[i].Kind))
	}
	bar := " "
	if len(v.Out) > 0 {
		bar = "│"
	}
	for _, i := range v.Steps {
		s := p.Graph.Steps[i]
		fmt.Fprintf(b, " %s  %-*s  %-*s  %s\n", bar, name, s.Name, kind, s.Kind, s.At.short())
	}
	for i, e := range v.Out {
		bend := "├"
		if i == len(v.Out)-1 {
			bend = "└"
		}
		fmt.Fprintf(b, " %s→ [%d] %s: %s, %s%s\n", bend, e.To.ID, e.To.Name,
			e.Partitioning, count(e.Channels(), "channel"), p.ends(e))
	}
}

// ends says which output of which step an edge leaves from and which input it
// goes to, where that is not plain.
func (p *Plan) ends(e *Edge) string {
	var s string
	if steps := e.From.Steps; e.Step != steps[len(steps)-1] {
		s = ", from " + p.Graph.Steps[e.Step].Name
	}
	if len(p.Graph.Steps[e.Step].Outputs) > 1 {
		s += fmt.Sprintf(", output %d", e.Port)
	}
	if len(e.To.In) > 1 {
		s += fmt.Sprintf(", input %d", e.Input)
	}
	return s
}

// Dot writes the plan as a Graphviz digraph, a box a vertex.
func (p *Plan) Dot(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph %s {\n", dotQuote(p.Graph.Flow))
	fmt.Fprint(b, "\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\"];\n")
	for _, v := range p.Vertices {
		lines := []string{v.label()}
		for _, i := range v.Steps {
			s := p.Graph.Steps[i]
			lines = append(lines, fmt.Sprintf("%s: %s (%s)", s.Name, s.Kind, s.At.short()))
		}
		fmt.Fprintf(b, "\tv%d [label=%s];\n", v.ID, dotQuote(strings.Join(lines, "\n")))
	}
	for _, e := range p.Edges {
		fmt.Fprintf(b, "\tv%d -> v%d [label=%s];\n", e.From.ID, e.To.ID,
			dotQuote(fmt.Sprintf("%s\n%s%s", e.Partitioning, count(e.Channels(), "channel"), p.ends(e))))
	}
	fmt.Fprint(b, "}\n")
	return b.Flush()
}

// dotQuote quotes s as DOT wants it: only quotes, backslashes and line ends
// are special.
func dotQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func (v *Vertex) label() string { return fmt.Sprintf("%s ×%d", v.Name, v.Parallelism) }

// short is the position without its directory, which differs from machine to
// machine.
func (p Position) short() string {
	return fmt.Sprintf("%s:%d", filepath.Base(filepath.ToSlash(p.File)), p.Line)
}

func count(n int, noun string) string { return plural(n, noun, noun+"s") }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
