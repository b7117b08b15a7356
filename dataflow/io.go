package dataflow

import (
	"context"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// A Source is a place that records of type T come from; see
// [operator.Source] for what its methods must do. Check one of your own with
// dataflowtest.TestSource.
type Source[T any] interface {
	Splits(ctx context.Context) ([]operator.Split, error)
	Grows() bool
	Open(ctx context.Context, s operator.Split, offset []byte) (Reader[T], error)
	Replayable() bool
}

// A Reader reads one split of a [Source]; see [operator.Reader].
type Reader[T any] interface {
	Read(ctx context.Context, b *operator.Records[T]) error
	Offset() []byte
	Close() error
}

// A Sink is a place that records of type T go to; see [operator.Sink]. Check
// one of your own with dataflowtest.TestSink.
type Sink[T any] interface {
	Delivery() operator.Delivery
	Open(p operator.Place) (Writer[T], error)
	Commit(token []byte) error
	Recover() error
}

// A Writer is one subtask's end of a [Sink]; see [operator.Writer]. The batch
// passed to Write is the writer's until it returns.
type Writer[T any] interface {
	Write(b *operator.Records[T]) error
	Prepare(checkpoint uint64) (operator.Prepared, error)
	Close() error
}

// Reading is a source on its way into the graph, as a [ReadOption] sees it.
type Reading[T any] struct {
	// Source is the connector's own value, for the options of that connector.
	Source any
	// Step is the step that the source becomes; its Source is set.
	Step *plan.Step
}

// A ReadOption adjusts a source of records of type T. The type keeps an event
// time of one record from being given to a source of another; connectors have
// options of their own, such as file.Follow, which refuse other connectors'
// sources with an error.
type ReadOption[T any] func(*Reading[T]) error

// EventTime takes each record's event time from the record. A record may be
// older than the latest one of its split by up to disorder; what is older
// still is late.
func EventTime[T any](of func(T) time.Time, disorder time.Duration) ReadOption[T] {
	return func(r *Reading[T]) error {
		s := r.Step.Source
		s.EventTime, s.Disorder = true, disorder
		s.Stamp = func(b operator.Batch) {
			r := b.(*operator.Records[T])
			for i := range r.Values {
				r.Times[i] = operator.TimestampOf(of(r.Values[i]))
			}
		}
		return nil
	}
}

// Idle lets a split that has been silent for d no longer hold back the
// watermark of the others.
func Idle[T any](d time.Duration) ReadOption[T] {
	return func(r *Reading[T]) error { r.Step.Source.Idle = d; return nil }
}

// ReadParallelism sets the number of subtasks that read.
func ReadParallelism[T any](n int) ReadOption[T] {
	return func(r *Reading[T]) error { r.Step.Parallelism = n; return nil }
}

// Read adds a source. Connectors wrap it in a verb of their own.
func Read[T any](g *Graph, name string, src Source[T], opts ...ReadOption[T]) Stream[T] {
	pool := operator.NewPool[T]()
	s := &plan.Step{
		Name: name, Kind: "source", Outputs: []operator.Shape{pool},
		Source: &plan.SourceSpec{Source: source[T]{src}},
	}
	adjust(g, &Reading[T]{src, s}, opts)
	return Stream[T]{port{g: g, from: g.add(s, nil)}, pool}
}

func adjust[T any](g *Graph, r *Reading[T], opts []ReadOption[T]) {
	for _, o := range opts {
		if err := o(r); err != nil {
			g.Fail(r.Step.Name, err)
		}
	}
}

// Write adds a sink. Connectors wrap it in a verb of their own.
func Write[T any](s Stream[T], name string, sink Sink[T], opts ...Option) {
	s.g.add(&plan.Step{
		Name: name, Kind: "sink", Inputs: s.inputs(), Sink: sinkOf[T]{sink},
	}, opts)
}

// source and its reader, sinkOf and its writer erase the record type for the
// engine.
type source[T any] struct{ Source[T] }

// Unwrap returns the connector's own value.
func (s source[T]) Unwrap() any { return s.Source }

func (s source[T]) Open(
	ctx context.Context, split operator.Split, offset []byte,
) (operator.Reader, error) {
	r, err := s.Source.Open(ctx, split, offset)
	if err != nil {
		return nil, err
	}
	return reader[T]{r}, nil
}

type reader[T any] struct{ Reader[T] }

func (r reader[T]) Read(ctx context.Context, b operator.Batch) error {
	return r.Reader.Read(ctx, b.(*operator.Records[T]))
}

type sinkOf[T any] struct{ Sink[T] }

func (s sinkOf[T]) Open(p operator.Place) (operator.Writer, error) {
	w, err := s.Sink.Open(p)
	if err != nil {
		return nil, err
	}
	return writer[T]{w}, nil
}

// Unwrap returns the connector's own value.
func (s sinkOf[T]) Unwrap() any { return s.Sink }

type writer[T any] struct{ Writer[T] }

func (w writer[T]) Write(b operator.Batch) error {
	err := w.Writer.Write(b.(*operator.Records[T]))
	b.Release()
	return err
}
