package file

import (
	"bytes"
	"errors"

	"github.com/flyball-stream/flyball/dataflow"
)

// ReadFunc reads files of records in a format of the caller's own, one record
// a line. For every split that is opened, decoder is called once and makes the
// function that then sets *v, which is zero, to the record in a line without
// its end. The function is called by one goroutine and keeps nothing of the
// line. Blank lines are skipped. Paths are those of [ReadLines].
//
// A line for which it returns an error fails the flow, with the line's place.
func ReadFunc[T any](
	g *dataflow.Graph, name, path string, decoder func() func(line []byte, v *T) error,
	opts ...dataflow.ReadOption[T],
) dataflow.Stream[T] {
	if decoder == nil {
		g.Fail(name, errors.New("the decoder is nil"))
	}
	return read(g, name, path, newFunc(decoder), opts)
}

// funcDecoder reads one record a line by a function of the caller's.
type funcDecoder[T any] func(line []byte, v *T) error

func newFunc[T any](prepare func() func([]byte, *T) error) func(*config) decoder[T] {
	return func(*config) decoder[T] { return funcDecoder[T](prepare()) }
}

func (funcDecoder[T]) wantsHeader() bool           { return false }
func (funcDecoder[T]) header([]byte) (bool, error) { return true, nil }

func (f funcDecoder[T]) decode(line []byte, v *T) (bool, error) {
	var zero T
	*v = zero
	if len(bytes.TrimSpace(line)) == 0 {
		return false, nil
	}
	if err := f(line, v); err != nil {
		return false, err
	}
	return true, nil
}
