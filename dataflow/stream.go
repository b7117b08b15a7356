package dataflow

import (
	"fmt"
	"iter"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// A Stream is a stage of a flow at which records of type T pass. It is a
// small value: keep it, pass it to several steps, return it from functions.
// Records are shared between a stream's consumers, so they must not be
// changed in place.
type Stream[T any] struct {
	port
	pool *operator.Pool[T]
}

// Graph is the graph that the stream is part of, for connectors.
func (s Stream[T]) Graph() *Graph { return s.g }

// port is one output of one step.
type port struct {
	g    *Graph
	from int
	port int
	how  plan.Partitioning
}

func (p port) input() plan.Input { return plan.Input{From: p.from, Port: p.port, Partitioning: p.how} }

func (p port) inputs() []plan.Input { return []plan.Input{p.input()} }

// An Option adjusts one step.
type Option func(*plan.Step)

// Adjust applies the option. Connectors whose sinks have options of their own
// accept those and Options in one list by way of this method.
func (o Option) Adjust(s *plan.Step) { o(s) }

// Parallelism sets the number of subtasks of a step, which is otherwise the
// run's.
func Parallelism(n int) Option { return func(s *plan.Step) { s.Parallelism = n } }

// step adds a step with one input and one output of type U.
func step[U any](
	in port, name, kind string, op func(*operator.Pool[U]) operator.Operator, opts []Option,
) Stream[U] {
	pool := operator.NewPool[U]()
	at := in.g.add(&plan.Step{
		Name: name, Kind: kind, Inputs: in.inputs(), Outputs: []operator.Shape{pool},
		New: func() operator.Operator { return op(pool) },
	}, opts)
	return Stream[U]{port{g: in.g, from: at}, pool}
}

// Map turns every record into another.
func Map[T, U any](s Stream[T], name string, f func(T) U, opts ...Option) Stream[U] {
	return step(s.port, name, "map", func(out *operator.Pool[U]) operator.Operator {
		return operator.Map(out, f)
	}, opts)
}

// Filter keeps the records for which keep is true.
func Filter[T any](s Stream[T], name string, keep func(T) bool, opts ...Option) Stream[T] {
	return step(s.port, name, "filter", func(*operator.Pool[T]) operator.Operator {
		return operator.Filter(keep)
	}, opts)
}

// FlatMap turns every record into the records that f yields for it.
func FlatMap[T, U any](s Stream[T], name string, f func(T) iter.Seq[U], opts ...Option) Stream[U] {
	return step(s.port, name, "flat map", func(out *operator.Pool[U]) operator.Operator {
		return operator.FlatMap(out, f)
	}, opts)
}

// Failure is a record that the function of a [TryMap] has refused, and why.
type Failure[T any] = operator.Failure[T]

// TryMap turns every record into another or refuses it with an error. What it
// refused is the second stream, to be written to a place for dead letters or
// mended; when nothing consumes that stream, the first refusal fails the flow.
func TryMap[T, U any](
	s Stream[T], name string, f func(T) (U, error), opts ...Option,
) (Stream[U], Stream[Failure[T]]) {
	good, bad := operator.NewPool[U](), operator.NewPool[Failure[T]]()
	tried := &plan.Step{
		Name: name, Kind: "try map", Inputs: s.inputs(), Outputs: []operator.Shape{good, bad},
	}
	at := s.g.add(tried, opts)
	tried.New = func() operator.Operator {
		if !s.g.consumed(at, 1) {
			return operator.TryMap(good, nil, f)
		}
		return operator.TryMap(good, bad, f)
	}
	return Stream[U]{port{g: s.g, from: at}, good}, Stream[Failure[T]]{port{g: s.g, from: at, port: 1}, bad}
}

// Branch sends every record to the stream of the first predicate that is true
// of it, and to the last of the len(when)+1 streams if none is.
func Branch[T any](s Stream[T], name string, when ...func(T) bool) []Stream[T] {
	pool := operator.NewPool[T]()
	outputs := make([]operator.Shape, len(when)+1)
	for i := range outputs {
		outputs[i] = pool
	}
	at := s.g.add(&plan.Step{
		Name: name, Kind: fmt.Sprintf("branch into %d", len(outputs)), Inputs: s.inputs(),
		Outputs: outputs, New: func() operator.Operator { return operator.Branch(pool, when) },
	}, nil)
	streams := make([]Stream[T], len(outputs))
	for i := range streams {
		streams[i] = Stream[T]{port{g: s.g, from: at, port: i}, pool}
	}
	return streams
}

// Union merges streams; the order of records of different streams is open.
func Union[T any](s Stream[T], name string, others ...Stream[T]) Stream[T] {
	pool := operator.NewPool[T]()
	inputs := s.inputs()
	for _, o := range others {
		inputs = append(inputs, o.input())
	}
	at := s.g.add(&plan.Step{
		Name: name, Kind: "union", Inputs: inputs, Outputs: []operator.Shape{pool},
		New: operator.Union,
	}, nil)
	return Stream[T]{port{g: s.g, from: at}, pool}
}

// Rebalance deals the records of s to the subtasks of the next step in turn.
func Rebalance[T any](s Stream[T]) Stream[T] { s.how = plan.Rebalance; return s }

// Broadcast sends every record of s to every subtask of the next step.
func Broadcast[T any](s Stream[T]) Stream[T] { s.how = plan.Broadcast; return s }

// Keyed is a stream whose records have keys: the stage at which state lives.
// All records of a key meet in one subtask.
type Keyed[K comparable, T any] struct {
	port
	pool *operator.KeyedPool[K, T]
	hash func(K) uint64
}

// KeyBy gives every record the key that f finds in it. K must be a type that
// package codec can encode.
func KeyBy[K comparable, T any](
	s Stream[T], name string, f func(T) K, opts ...Option,
) Keyed[K, T] {
	hash, err := codec.HashFor[K]()
	if err != nil {
		s.g.Fail(name, fmt.Errorf("key: %w", err))
	}
	pool := operator.NewKeyedPool[K, T]()
	at := s.g.add(&plan.Step{
		Name: name, Kind: "key by", Inputs: s.inputs(), Outputs: []operator.Shape{pool},
		New: func() operator.Operator { return operator.KeyBy(pool, f, hash) },
	}, opts)
	return Keyed[K, T]{port{g: s.g, from: at, how: plan.Hash}, pool, hash}
}

// Entry is a key with a value.
type Entry[K comparable, V any] = operator.Entry[K, V]

// Rolling keeps one accumulator for each key, for ever, and emits the key's
// new result for every record.
func Rolling[K comparable, T, A, R any](
	k Keyed[K, T], name string, a agg.Aggregate[T, A, R], opts ...Option,
) Stream[Entry[K, R]] {
	return step(k.port, name, "rolling "+a.Name,
		func(out *operator.Pool[Entry[K, R]]) operator.Operator {
			return operator.Rolling(out, a)
		}, opts)
}
