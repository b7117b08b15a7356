package plan

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

// sample is a flow with a chain, a keyed edge, a second output, and a step
// with two inputs and a parallelism of its own.
func sample(t *testing.T) *Plan {
	t.Helper()
	one, two := []operator.Shape{nil}, []operator.Shape{nil, nil}
	at := func(line int) Position { return Position{File: "/home/ann/flow/main.go", Line: line} }
	g := &Graph{Flow: "clicks", ExactlyOnce: true, Groups: 128, Steps: []*Step{
		{Name: "lines", Kind: "source", At: at(10), Outputs: one},
		{Name: "parse", Kind: "try map", At: at(11), Inputs: []Input{{From: 0}}, Outputs: two},
		{Name: "by-\"ad\"", Kind: "key by", At: at(12), Inputs: []Input{{From: 1}}, Outputs: one},
		{Name: "count", Kind: "tumbling window 1h", At: at(13),
			Inputs: []Input{{From: 2, Partitioning: Hash}}, Outputs: one},
		{Name: "all", Kind: "union", At: at(14), Parallelism: 1, Outputs: one,
			Inputs: []Input{{From: 3}, {From: 1, Port: 1}}},
		{Name: "out", Kind: "sink", At: at(15), Parallelism: 1, Inputs: []Input{{From: 4}}},
	}}
	p, err := Compile(g, Config{Parallelism: 2})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPrint(t *testing.T) {
	p := sample(t)
	text := func(b *bytes.Buffer) error { return p.Text(b) }
	dot := func(b *bytes.Buffer) error { return p.Dot(b) }
	asJSON := func(b *bytes.Buffer) error {
		j, err := p.MarshalJSON()
		b.Write(append(j, '\n'))
		return err
	}
	for name, print := range map[string]func(*bytes.Buffer) error{
		"plan.txt": text, "plan.dot": dot, "plan.json": asJSON,
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := print(&got); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name)
			if *rewrite {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	got := sample(t).Summary()
	want := "lines → by-\"ad\" ×2 | count ×2 | all → out ×1; 5 tasks, 8 channels"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
