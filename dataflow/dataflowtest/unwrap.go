package dataflowtest

import (
	"fmt"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
)

// SourceOf returns the source that a connector's verb adds to a flow, for
// [TestSource]. T is the type of the source's own records; that of a verb that
// may refuse its input is a [dataflow.Attempt].
func SourceOf[T any](t testing.TB, verb func(g *dataflow.Graph)) dataflow.Source[T] {
	t.Helper()
	g, err := graphOf(verb)
	if err != nil {
		t.Fatal(err)
	}
	src, err := unwrap[dataflow.Source[T]](g.Steps[0].Source.Source)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// SinkOf returns the sink that a connector's verb adds to a flow, for
// [TestSink].
func SinkOf[T any](t testing.TB, verb func(s dataflow.Stream[T])) dataflow.Sink[T] {
	t.Helper()
	g, err := graphOf(func(g *dataflow.Graph) { verb(dataflow.Read(g, "in", input[T]{})) })
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range g.Steps {
		if s.Sink == nil {
			continue
		}
		sink, err := unwrap[dataflow.Sink[T]](s.Sink)
		if err != nil {
			t.Fatal(err)
		}
		return sink
	}
	t.Fatal("the verb adds no sink")
	return nil
}

func unwrap[C any](erased any) (connector C, err error) {
	u, ok := erased.(interface{ Unwrap() any })
	if !ok {
		return connector, fmt.Errorf("a %T is not the step of a connector", erased)
	}
	connector, ok = u.Unwrap().(C)
	if !ok {
		return connector, fmt.Errorf("the connector is a %T, not a %T", u.Unwrap(), &connector)
	}
	return connector, nil
}
