package plan

import "encoding/json"

type (
	planJSON struct {
		Flow        string       `json:"flow"`
		ExactlyOnce bool         `json:"exactlyOnce"`
		Groups      int          `json:"keyGroups"`
		Fingerprint string       `json:"fingerprint"`
		Vertices    []vertexJSON `json:"vertices"`
		Edges       []edgeJSON   `json:"edges"`
	}
	vertexJSON struct {
		ID          int        `json:"id"`
		Name        string     `json:"name"`
		Parallelism int        `json:"parallelism"`
		Steps       []stepJSON `json:"steps"`
	}
	stepJSON struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
		File string `json:"file"`
		Line int    `json:"line"`
	}
	edgeJSON struct {
		From         int    `json:"from"`
		To           int    `json:"to"`
		Step         string `json:"step"`
		Output       int    `json:"output"`
		Input        int    `json:"input"`
		Partitioning string `json:"partitioning"`
		Channels     int    `json:"channels"`
	}
)

// MarshalJSON returns the plan as data: vertices by id with their steps, and
// edges between ids.
func (p *Plan) MarshalJSON() ([]byte, error) {
	doc := planJSON{
		Flow: p.Graph.Flow, ExactlyOnce: p.Graph.ExactlyOnce, Groups: p.Graph.Groups,
		Fingerprint: p.Fingerprint, Vertices: []vertexJSON{}, Edges: []edgeJSON{},
	}
	for _, v := range p.Vertices {
		vj := vertexJSON{ID: v.ID, Name: v.Name, Parallelism: v.Parallelism}
		for _, i := range v.Steps {
			s := p.Graph.Steps[i]
			vj.Steps = append(vj.Steps, stepJSON{s.Name, s.Kind, s.At.File, s.At.Line})
		}
		doc.Vertices = append(doc.Vertices, vj)
	}
	for _, e := range p.Edges {
		doc.Edges = append(doc.Edges, edgeJSON{
			From: e.From.ID, To: e.To.ID, Step: p.Graph.Steps[e.Step].Name, Output: e.Port,
			Input: e.Input, Partitioning: e.Partitioning.String(), Channels: e.Channels(),
		})
	}
	return json.Marshal(doc)
}
