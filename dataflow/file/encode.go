package file

import (
	"bufio"
	"encoding/json"
	"errors"
	"strings"
)

// An encoder writes records as text, each wholly or not at all as far as the
// buffer is concerned: an error ends the file.
type encoder[T any] interface {
	// header begins a file.
	header() error
	// encode writes a record with its line end. It does not change *v.
	encode(v *T) error
}

type lineEncoder struct{ w *bufio.Writer }

func newLineEncoder(w *bufio.Writer) encoder[string] { return lineEncoder{w} }

func (lineEncoder) header() error { return nil }

func (e lineEncoder) encode(v *string) error {
	if strings.IndexByte(*v, '\n') >= 0 {
		return errors.New("the text holds a line end and would become two lines; write it with " +
			"file.WriteJSON")
	}
	if _, err := e.w.WriteString(*v); err != nil {
		return err
	}
	return e.w.WriteByte('\n')
}

type jsonEncoder[T any] struct{ json *json.Encoder }

func newJSONEncoder[T any](w *bufio.Writer) encoder[T] {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return jsonEncoder[T]{e}
}

func (jsonEncoder[T]) header() error { return nil }

func (e jsonEncoder[T]) encode(v *T) error { return e.json.Encode(v) }
