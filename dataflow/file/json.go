package file

import (
	"bytes"
	"encoding/json"
)

// jsonDecoder reads one JSON value a line.
type jsonDecoder[T any] struct{}

func newJSON[T any](*config) decoder[T] { return jsonDecoder[T]{} }

func (jsonDecoder[T]) wantsHeader() bool           { return false }
func (jsonDecoder[T]) header([]byte) (bool, error) { return true, nil }

func (jsonDecoder[T]) decode(line []byte, v *T) (bool, error) {
	var zero T
	*v = zero
	if len(bytes.TrimSpace(line)) == 0 {
		return false, nil
	}
	if err := json.Unmarshal(line, v); err != nil {
		return false, err
	}
	return true, nil
}
