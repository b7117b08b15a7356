package event

import (
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/file"
)

// Read reads events from files of JSON lines; paths and options are those of
// package file. Numbers and times must be there, texts may be missing, and
// times are RFC 3339 or "2006-01-02 15:04:05.000". Lines in which the kind
// comes first are read fast. Files cannot be followed, for an event's place is
// that of its line in all of the files.
func Read(
	g *dataflow.Graph, name, path string, opts ...dataflow.ReadOption[Event],
) dataflow.Stream[Event] {
	opts = append([]dataflow.ReadOption[Event]{file.Position(place)}, opts...)
	return file.ReadFunc(g, name, path, newDecoder, opts...)
}

// place makes an event's place in the stream of that of its line: half a
// million files of 16 TiB have room.
func place(e *Event, file int, offset int64) { e.Seq = int64(file)<<44 | offset }
