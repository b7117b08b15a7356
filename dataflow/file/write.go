package file

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// A WriteOption adjusts a sink of this package: one of its own, such as
// [Compress], or one for steps of any kind, such as [dataflow.Parallelism].
type WriteOption interface{ Adjust(*plan.Step) }

type sinkOption func(*sinkConfig)

// Adjust does nothing: the option is for the sink, not for the step.
func (sinkOption) Adjust(*plan.Step) {}

type sinkConfig struct {
	packing   Compression
	openFiles int
}

// Compress packs the files, whose names then end in .gz or .zst as well.
func Compress(c Compression) WriteOption {
	return sinkOption(func(cfg *sinkConfig) { cfg.packing = c })
}

// OpenFiles sets how many files a subtask of a sink with partitions keeps open,
// each with a buffer of 64 KiB, and the packer's memory if they are packed; the
// default is 16. Beyond that, the file that has not been written to for longest
// is closed, and opened again for its next record, so that records which come
// in the order of their partitions need few.
func OpenFiles(n int) WriteOption {
	return sinkOption(func(cfg *sinkConfig) { cfg.openFiles = n })
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

// WriteJSONTo is [WriteJSON] to directories that partition names for each record,
// such as dt=2015-07-15/hm=00-00: files called name-….jsonl, after the step,
// appear in those directories below dir. A name may be empty, for dir itself, and
// have several elements; it cannot lead out of dir nor to hidden files, because
// such characters in it are escaped as in URLs. Within one checkpoint there may
// be 4096 different names for each subtask. See [OpenFiles].
func WriteJSONTo[T any](
	s dataflow.Stream[T], name, dir string, partition func(T) string, opts ...WriteOption,
) {
	sink := newSink(name, filepath.Clean(dir)+"/", ".jsonl", newJSONEncoder[T])
	sink.partition = partition
	switch {
	case dir == "" || dir == standard:
		sink.invalid = fmt.Errorf("%q is not a directory to write partitions to", dir)
	case strings.Contains(name, "/") || strings.HasPrefix(name, "."):
		sink.invalid = errors.New("the names of files begin with the step's, which must not hold a " +
			"slash nor begin with a point")
	case partition == nil:
		sink.invalid = errors.New("the function that names partitions is nil")
	}
	write(s, name, sink, opts)
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
	if n := sink.cfg.openFiles; sink.stdout == nil && (n < 1 || n > maxParts) {
		sink.invalid = errors.Join(sink.invalid, fmt.Errorf("option file.OpenFiles: %d is not "+
			"between 1 and %d", n, maxParts))
	}
	dataflow.Write(s, name, sink, others...)
	if sink.invalid != nil {
		s.Graph().Fail(name, sink.invalid)
	}
}
