package codec

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// maxDepth bounds the indirections (pointers, slices, maps) between a value and its deepest part,
// so that neither a cycle in memory nor hostile bytes can exhaust the stack.
const maxDepth = 10_000

// ErrCorrupt is wrapped by every error of Decode: the bytes were not written with the schema.
var ErrCorrupt = errors.New("bytes do not fit the schema")

// Codec encodes values of T. It has no state of its own: any number of goroutines may use it.
type Codec[T any] interface {
	// Append appends the encoding of *v to dst and returns the extended slice. It only reads *v.
	// On error it returns dst as it was; errors come from a value's own MarshalBinary, from a
	// cycle of pointers, or from map keys that encode alike (NaN).
	Append(dst []byte, v *T) ([]byte, error)
	Decoder[T]
	// Schema returns the layout that Append writes.
	Schema() Schema
}

// Decoder decodes values of T. It has no state of its own: any number of goroutines may use it.
type Decoder[T any] interface {
	// Decode reads one value from the front of src into *v and returns the bytes after it. The
	// value is replaced as a whole and shares no memory with src. After an error, which wraps
	// ErrCorrupt, *v is unspecified.
	Decode(src []byte, v *T) (rest []byte, err error)
}

// For returns the codec of T. The error names the path of the field that cannot be encoded, its
// type and the remedy. Compiling takes microseconds: do it once, outside the data path.
func For[T any]() (Codec[T], error) {
	t := reflect.TypeFor[T]()
	s, err := shapeOf(t)
	if err != nil {
		return nil, err
	}
	schema := Schema{root: s}
	if c := scalarFor[T](schema); c != nil {
		return c, nil
	}
	dec, err := compileDecode(s, t)
	if err != nil {
		return nil, err
	}
	enc := (&encodeCompiler{done: map[reflect.Type]*appendProgram{}}).program(t, rootName(t))
	return &compiled[T]{enc: enc, reader: reader[T]{dec: dec}, schema: schema}, nil
}

// Reader returns a decoder of today's T for bytes that were written with the stored schema. Fields
// that were added are zero, fields that were removed are skipped, and numbers may have become wider
// (int32 to int64, uint8 to int16, float32 to float64). Struct type names may differ. Anything else
// is an error that names the field, what it was and what it is now.
func Reader[T any](stored Schema) (Decoder[T], error) {
	if stored.root == nil {
		return nil, errors.New("codec: read with a stored schema: the schema is empty")
	}
	t := reflect.TypeFor[T]()
	now, err := shapeOf(t)
	if err != nil {
		return nil, err
	}
	if now.kind == stored.root.kind {
		if c := scalarFor[T](stored); c != nil {
			return c, nil
		}
	}
	dec, err := compileDecode(stored.root, t)
	if err != nil {
		return nil, err
	}
	return &reader[T]{dec: dec}, nil
}

// compiled is the codec of every type that is not a single scalar.
type compiled[T any] struct {
	reader[T]
	enc    *appendProgram
	schema Schema
}

func (c *compiled[T]) Schema() Schema { return c.schema }

func (c *compiled[T]) Append(dst []byte, v *T) ([]byte, error) {
	out, err := c.enc.run(dst, unsafe.Pointer(v), 0)
	if err != nil {
		return dst, rootError[T]("encode", err)
	}
	return out, nil
}

type reader[T any] struct{ dec *decodeProgram }

func (r *reader[T]) Decode(src []byte, v *T) ([]byte, error) {
	var zero T
	*v = zero
	rest, err := r.dec.run(src, unsafe.Pointer(v), 0)
	if err != nil {
		return nil, rootError[T]("decode", err)
	}
	return rest, nil
}

// pathError says in which part of a value an encoding or a decoding stopped. The path grows from
// the inside out, as the error is returned.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string { return e.path + ": " + e.err.Error() }

// maxPath is where paths through deeply nested values are cut.
const maxPath = 200

// atPath puts path in front of err's.
func atPath(path string, err error) error {
	e, ok := err.(*pathError)
	if !ok {
		return &pathError{path, err}
	}
	if len(e.path) < maxPath {
		e.path = path + e.path
	}
	return e
}

// rootError completes err with what was done to a T.
func rootError[T any](verb string, err error) error {
	root := rootName(reflect.TypeFor[T]())
	if e, ok := err.(*pathError); ok {
		return fmt.Errorf("codec: %s %s%s: %w", verb, root, e.path, e.err)
	}
	return fmt.Errorf("codec: %s %s: %w", verb, root, err)
}

// within is what a path adds for the elements of t.
func within(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return "[]"
	}
	return ""
}

// rootName is how paths name the type they start from.
func rootName(t reflect.Type) string {
	if t.Name() != "" {
		return t.Name()
	}
	return t.String()
}
