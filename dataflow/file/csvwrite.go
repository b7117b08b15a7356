package file

import (
	"bufio"
	"bytes"
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

// csvEncoder writes structs as CSV records.
type csvEncoder[T any] struct {
	w       *bufio.Writer
	columns []column
	line    []byte
	cell    []byte
}

func newCSVEncoder[T any](columns []column) func(*bufio.Writer) encoder[T] {
	return func(w *bufio.Writer) encoder[T] { return &csvEncoder[T]{w: w, columns: columns} }
}

func (e *csvEncoder[T]) header() error {
	e.line = e.line[:0]
	for i := range e.columns {
		e.add(i, []byte(e.columns[i].name))
	}
	return e.end()
}

func (e *csvEncoder[T]) encode(v *T) error {
	record := reflect.ValueOf(v).Elem()
	e.line = e.line[:0]
	for i := range e.columns {
		c := &e.columns[i]
		text, err := c.append(e.cell[:0], record.FieldByIndex(c.index))
		if err != nil {
			return fmt.Errorf("field %s: %w", c.path, err)
		}
		e.add(i, text)
		e.cell = text
	}
	return e.end()
}

func (e *csvEncoder[T]) end() error {
	e.line = append(e.line, '\n')
	_, err := e.w.Write(e.line)
	return err
}

// add appends a column, between quotes if it needs them. An only column that
// is empty does: an empty line is no record.
func (e *csvEncoder[T]) add(i int, text []byte) {
	if i > 0 {
		e.line = append(e.line, ',')
	}
	plain := !bytes.ContainsAny(text, ",\"\r\n") && (len(text) > 0 || len(e.columns) > 1)
	if plain && !bytes.HasPrefix(text, []byte{' '}) {
		e.line = append(e.line, text...)
		return
	}
	e.line = append(e.line, '"')
	for _, c := range text {
		if c == '"' {
			e.line = append(e.line, '"')
		}
		e.line = append(e.line, c)
	}
	e.line = append(e.line, '"')
}

// append appends the text of a field.
func (c *column) append(b []byte, v reflect.Value) ([]byte, error) {
	switch c.kind {
	case kindTime:
		layout := c.layout
		if layout == "" {
			layout = time.RFC3339Nano
		}
		return v.Addr().Interface().(*time.Time).AppendFormat(b, layout), nil
	case kindText:
		text, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
		return append(b, text...), err
	case reflect.String:
		return append(b, v.String()...), nil
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return b, fmt.Errorf("%v is not a number that can be written", f)
		}
		return appendFloat(b, v.Float(), v.Type().Bits()), nil
	}
	if v.CanInt() {
		return strconv.AppendInt(b, v.Int(), 10), nil
	}
	return strconv.AppendUint(b, v.Uint(), 10), nil
}

// appendFloat writes a number the way encoding/json does: plainly, but with an
// exponent below 1e-6 and from 1e21.
func appendFloat(b []byte, v float64, bits int) []byte {
	format, size := byte('f'), math.Abs(v)
	low, high := size < 1e-6, size >= 1e21
	if bits == 32 {
		low, high = float32(size) < 1e-6, float32(size) >= 1e21
	}
	if size != 0 && (low || high) {
		format = 'e'
	}
	b = strconv.AppendFloat(b, v, format, -1, bits)
	if n := len(b); format == 'e' && n >= 4 && b[n-4] == 'e' && b[n-2] == '0' &&
		(b[n-3] == '-' || b[n-3] == '+') {
		b[n-2] = b[n-1] // 1e-09 is 1e-9
		b = b[:n-1]
	}
	return b
}
