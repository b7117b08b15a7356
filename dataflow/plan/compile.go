package plan

import (
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Config says how a graph is to be run.
type Config struct {
	// Parallelism of the steps that do not set their own; 0 means 1.
	Parallelism int
}

// Plan is a flow as it will run.
type Plan struct {
	Graph       *Graph
	Vertices    []*Vertex // upstream before downstream
	Edges       []*Edge
	Fingerprint string
}

// A Vertex is a chain of steps, joined by plain calls, that each of
// Parallelism tasks executes.
type Vertex struct {
	ID          int
	Name        string // of the first step, and the last where they differ
	Parallelism int
	Steps       []int // indexes in Graph.Steps, head first
	In, Out     []*Edge
}

// An Edge carries batches from an output port of a step at some place in one
// vertex's chain to an input port of the head of another.
type Edge struct {
	ID           int
	From, To     *Vertex
	Step, Port   int // output port of that step, an index in Graph.Steps
	Input        int // input port of To's head
	Partitioning Partitioning
	Shape        operator.Shape
}

// Channels is the number of pairs of subtasks that the edge connects.
func (e *Edge) Channels() int {
	if e.Partitioning == Forward {
		return e.From.Parallelism
	}
	return e.From.Parallelism * e.To.Parallelism
}

// Compile chains the steps of g into vertices. Steps are chained when records
// pass from one to the other without being dealt anew.
func Compile(g *Graph, cfg Config) (*Plan, error) {
	c := compiler{
		p:  &Plan{Graph: g, Fingerprint: g.Fingerprint()},
		of: make([]*Vertex, len(g.Steps)), width: make([]int, len(g.Steps)),
	}
	for i := range g.Steps {
		if err := c.step(i, max(cfg.Parallelism, 1)); err != nil {
			return nil, err
		}
	}
	for _, v := range c.p.Vertices {
		v.Name = g.Steps[v.Steps[0]].Name
		if n := len(v.Steps); n > 1 {
			v.Name += " → " + g.Steps[v.Steps[n-1]].Name
		}
	}
	return c.p, nil
}

type compiler struct {
	p     *Plan
	of    []*Vertex // the vertex of each step
	width []int     // the parallelism of each step
}

func (c *compiler) step(i, parallelism int) error {
	s := c.p.Graph.Steps[i]
	if c.width[i] = s.Parallelism; c.width[i] == 0 {
		c.width[i] = parallelism
	}
	if c.width[i] > c.p.Graph.Groups {
		return fmt.Errorf("step %q: parallelism %d exceeds the flow's %d key groups; "+
			"lower it, or start afresh with more key groups", s.Name, c.width[i], c.p.Graph.Groups)
	}
	if len(s.Inputs) == 1 && c.chains(i, s.Inputs[0]) {
		v := c.of[s.Inputs[0].From]
		v.Steps = append(v.Steps, i)
		c.of[i] = v
		return nil
	}
	v := &Vertex{ID: len(c.p.Vertices), Parallelism: c.width[i], Steps: []int{i}}
	c.p.Vertices = append(c.p.Vertices, v)
	c.of[i] = v
	for port, in := range s.Inputs {
		c.connect(v, port, in)
	}
	return nil
}

func (c *compiler) chains(i int, in Input) bool {
	return in.Partitioning == Forward && c.width[i] == c.width[in.From]
}

func (c *compiler) connect(v *Vertex, port int, in Input) {
	from := c.of[in.From]
	e := &Edge{
		ID: len(c.p.Edges), From: from, To: v, Step: in.From, Port: in.Port, Input: port,
		Partitioning: in.Partitioning, Shape: c.p.Graph.Steps[in.From].Outputs[in.Port],
	}
	if e.Partitioning == Forward && from.Parallelism != v.Parallelism {
		e.Partitioning = Rebalance
	}
	c.p.Edges = append(c.p.Edges, e)
	from.Out = append(from.Out, e)
	v.In = append(v.In, e)
}
