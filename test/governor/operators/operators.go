package operators

import (
	"cmp"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

// Key is the key of a record: what the data say, and the copy it is in.
type Key struct {
	Name string
	Copy int32
}

func keyOf(r replay.Record) Key { return Key{r.Key, r.Copy} }

// Row is a result: how many records it is of, and a figure.
type Row struct {
	Key   Key
	N     int64
	Value float64
}

// Inputs are the paths of the data. An empty one is that of the sample that
// comes with the examples, seen from the top of the repository.
type Inputs struct{ Flights, Words string }

func (in Inputs) flights() string {
	return cmp.Or(in.Flights, "examples/flights/data/flights-sample.csv.gz")
}

func (in Inputs) words() string {
	return cmp.Or(in.Words, "examples/wordcount/data/opticks.txt")
}

// Operator is one operator with its data.
type Operator struct {
	Name string
	// Step is the name of the step that has the state.
	Step string
	// Whole says that a result waits until all splits have come as far: those
	// of windows do.
	Whole bool
	// Load reads the data.
	Load func(Inputs) (*replay.Data, error)
	// Share is by how much less state it is to have than others to be compared
	// with them: windows that all end at once join all that they hold at once.
	Share int64
	// state is how many bytes of encoded state a copy of the data comes to.
	state func(*replay.Data) int64
	steps func(dataflow.Stream[replay.Record]) dataflow.Stream[Row]
}

// All are the operators.
func All() []Operator { return []Operator{running, sliding, join, sessions} }

// Find finds one by its name.
func Find(name string) (Operator, error) {
	for _, o := range All() {
		if o.Name == name {
			return o, nil
		}
	}
	return Operator{}, fmt.Errorf("no operator is called %q", name)
}

// Copies is how many copies of the data it takes for a state of so many bytes.
func (o Operator) Copies(d *replay.Data, bytes int64) int {
	return int(max(1, bytes/o.state(d)))
}

// Flow is the flow from a player to a sink.
func (o Operator) Flow(p *replay.Player, sink dataflow.Sink[Row]) *dataflow.Flow {
	return dataflow.Define(o.Name, dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		dataflow.Write(o.steps(p.Read(g, "records")), "out", sink)
	})
}
