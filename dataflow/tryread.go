package dataflow

import (
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// An Attempt is what a source has made of one piece R of its input: a record,
// or the reason why it is none.
type Attempt[T, R any] = operator.Attempt[T, R]

// TryRead adds a source that may refuse pieces of its input. What it refused
// is the second stream; when nothing consumes that stream, the first refusal
// fails the flow. It makes two steps: the source, called name, and a step that
// parts good from bad, called name/accept. Connectors wrap it in a verb of
// their own.
func TryRead[T, R any](
	g *Graph, name string, src Source[Attempt[T, R]], opts ...ReadOption[T],
) (Stream[T], Stream[Failure[R]]) {
	pool := operator.NewPool[Attempt[T, R]]()
	good, bad := operator.NewPool[T](), operator.NewPool[Failure[R]]()
	s := &plan.Step{
		Name: name, Kind: "source", Outputs: []operator.Shape{pool},
		Source: &plan.SourceSpec{Source: source[Attempt[T, R]]{src}},
	}
	adjust(g, &Reading[T]{src, s}, opts)
	s.Source.Stamp = stampGood[T, R](s.Source.Stamp, good)
	read := port{g: g, from: g.add(s, nil)}
	parted := &plan.Step{
		Name: name + "/accept", Kind: "accept", Parallelism: s.Parallelism,
		Inputs: read.inputs(), Outputs: []operator.Shape{good, bad},
	}
	at := g.add(parted, nil)
	parted.New = func() operator.Operator {
		if !g.consumed(at, 1) {
			return operator.Accept[T, R](good, nil)
		}
		return operator.Accept(good, bad)
	}
	return Stream[T]{port{g: g, from: at}, good},
		Stream[Failure[R]]{port{g: g, from: at, port: 1}, bad}
}

// stampGood lets stamp, which knows records, set the event times of attempts.
// A failed one gets the time of the attempt before it.
func stampGood[T, R any](stamp func(operator.Batch), pool *operator.Pool[T]) func(operator.Batch) {
	if stamp == nil {
		return nil
	}
	return func(b operator.Batch) {
		in, good := b.(*operator.Records[Attempt[T, R]]), pool.Get()
		for i := range in.Values {
			if in.Values[i].Failed == nil {
				good.Append(in.Values[i].Record, in.Times[i])
			}
		}
		stamp(good)
		last, next := operator.MinTimestamp, 0
		for i := range in.Values {
			if in.Values[i].Failed == nil {
				last = good.Times[next]
				next++
			}
			in.Times[i] = last
		}
		good.Release()
	}
}
