package file

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// A WriteOption adjusts a sink of this package: one of its own, such as
// [Compress], or one for steps of any kind, such as [dataflow.Parallelism].
type WriteOption interface{ Adjust(*plan.Step) }

type sinkOption func(*sinkConfig)

// Adjust does nothing: the option is for the sink, not for the step.
func (sinkOption) Adjust(*plan.Step) {}

type sinkConfig struct{ packing Compression }

// Compress packs the files, whose names then end in .gz or .zst as well.
func Compress(c Compression) WriteOption {
	return sinkOption(func(cfg *sinkConfig) { cfg.packing = c })
}

// WriteLines writes one text a line to files called path-….txt, or to
// standard output if path is "-". A text that holds a line end is an error.
// See the package comment for how files appear.
func WriteLines(s dataflow.Stream[string], name, path string, opts ...WriteOption) {
	write(s, name, newSink(name, path, ".txt", newLineEncoder), opts)
}

// WriteJSON writes one JSON value a line, in the manner of encoding/json but
// without escaping HTML, to files called path-….jsonl, or to standard output
// if path is "-". See the package comment for how files appear.
func WriteJSON[T any](s dataflow.Stream[T], name, path string, opts ...WriteOption) {
	write(s, name, newSink(name, path, ".jsonl", newJSONEncoder[T]), opts)
}

// WriteCSV writes structs as CSV records to files called path-….csv, each of
// which begins with the names of the columns, or to standard output if path
// is "-". Columns are those that [ReadCSV] reads; types with a text form of
// their own implement [encoding.TextMarshaler]. Times are written as RFC 3339
// or as their field's layout tag says. See the package comment for how files
// appear.
func WriteCSV[T any](s dataflow.Stream[T], name, path string, opts ...WriteOption) {
	columns, err := columnsOf(reflect.TypeFor[T](), marshalerType)
	sink := newSink(name, path, ".csv", newCSVEncoder[T](columns))
	sink.invalid = errors.Join(sink.invalid, err)
	write(s, name, sink, opts)
}

func write[T any](s dataflow.Stream[T], name string, sink *sink[T], opts []WriteOption) {
	var others []dataflow.Option
	for _, o := range opts {
		switch o := o.(type) {
		case dataflow.Option:
			others = append(others, o)
		case sinkOption:
			o(&sink.cfg)
		default:
			sink.invalid = errors.Join(sink.invalid, fmt.Errorf("option %T is not for files", o))
		}
	}
	if sink.cfg.packing < ByContent || sink.cfg.packing > Zstd {
		sink.invalid = errors.Join(sink.invalid,
			fmt.Errorf("no compression has the number %d", sink.cfg.packing))
	}
	dataflow.Write(s, name, sink, others...)
	if sink.invalid != nil {
		s.Graph().Fail(name, sink.invalid)
	}
}
