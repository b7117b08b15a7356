package codec

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// sliceHeader is a slice's words as the compiler lays them out.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

// errCycle is what Append gives up with. It is not ErrCorrupt: memory is at fault, not bytes.
var errCycle = fmt.Errorf("nested over %d levels: is there a cycle of pointers?", maxDepth)

func (c *encodeCompiler) pointer(t reflect.Type, path string) appendFunc {
	elem := c.program(t.Elem(), path)
	return func(dst []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		q := *(*unsafe.Pointer)(p)
		if q == nil {
			return append(dst, 0), nil
		}
		if depth >= maxDepth {
			return dst, errCycle
		}
		return elem.run(append(dst, 1), q, depth+1)
	}
}

func (c *encodeCompiler) slice(t reflect.Type, path string) appendFunc {
	if rawBytes(t.Elem()) {
		return encodeBytes
	}
	elem, size := c.program(t.Elem(), path), t.Elem().Size()
	return func(dst []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		h := (*sliceHeader)(p)
		if h.data == nil {
			return append(dst, 0), nil
		}
		if depth >= maxDepth {
			return dst, errCycle
		}
		return elem.repeat(appendUvarint(dst, uint64(h.len)+1), h.data, h.len, size, depth+1)
	}
}

func (c *encodeCompiler) array(t reflect.Type, path string) appendFunc {
	n, size := t.Len(), t.Elem().Size()
	if rawBytes(t.Elem()) {
		return func(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
			return append(dst, unsafe.Slice((*byte)(p), n)...), nil
		}
	}
	elem := c.program(t.Elem(), path)
	return func(dst []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		return elem.repeat(dst, p, n, size, depth)
	}
}

// repeat encodes n adjacent values of the given size from p on.
func (g *appendProgram) repeat(
	dst []byte, p unsafe.Pointer, n int, size uintptr, depth int,
) ([]byte, error) {
	if len(g.steps) == 0 {
		return dst, nil
	}
	for i := range n {
		var err error
		if dst, err = g.run(dst, unsafe.Add(p, uintptr(i)*size), depth); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// rawBytes reports whether elements of t are single bytes of which every value is legal.
func rawBytes(t reflect.Type) bool { return t.Kind() == reflect.Uint8 && !isBinary(t) }

func encodeBytes(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	b := *(*[]byte)(p)
	if b == nil {
		return append(dst, 0), nil
	}
	return append(appendUvarint(dst, uint64(len(b))+1), b...), nil
}

// count reads the count of a slice or map whose elements take at least min bytes each; nil is -1.
func count(src []byte, min int) (n int, rest []byte, err error) {
	u, rest, ok := uvarint(src)
	if !ok {
		return 0, nil, errVarint
	}
	if u == 0 {
		return -1, rest, nil
	}
	if u--; min > 0 && u > uint64(len(rest)/min) || min == 0 && u > maxEmpty {
		return 0, nil, errCount
	}
	return int(u), rest, nil
}

// maxEmpty bounds the length of slices whose elements occupy neither bytes nor memory.
const maxEmpty = 1<<31 - 1

func decodeBytes(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	n, rest, err := count(src, 1)
	if err != nil || n < 0 {
		return rest, err
	}
	b := make([]byte, n)
	copy(b, rest)
	*(*[]byte)(p) = b
	return rest[n:], nil
}

func (c *decodeCompiler) slice(s *shape, t reflect.Type, path string) (decodeFunc, error) {
	if s.elem.kind == kindUint8 && rawBytes(t.Elem()) {
		return decodeBytes, nil
	}
	least, size := c.measure(s.elem), t.Elem().Size()
	if least == 0 && size > 0 {
		return nil, errors.New("codec: " + path + ": elements of " + t.String() +
			" take memory but no bytes: use a count instead of a slice")
	}
	elem, err := c.program(s.elem, t.Elem(), path+"[]")
	if err != nil {
		return nil, err
	}
	return func(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		n, rest, err := count(src, least)
		if err != nil || n < 0 {
			return rest, err
		}
		if depth >= maxDepth {
			return nil, errTooDeep
		}
		v := reflect.NewAt(t, p).Elem()
		if n == 0 || least == 0 {
			v.Set(reflect.MakeSlice(t, n, n))
			return rest, nil
		}
		return c.elements(rest, v, elem, n, depth+1)
	}, nil
}

// firstRun is how many elements a slice of a recursive type starts with. There each level of the
// nesting could claim the same bytes for its count, so memory follows what was really decoded.
const firstRun = 4

// elements decodes n values into the nil slice v.
func (c *decodeCompiler) elements(
	src []byte, v reflect.Value, elem *decodeProgram, n, depth int,
) ([]byte, error) {
	size := v.Type().Elem().Size()
	for v.Len() < n {
		have := v.Len()
		want := n
		if c.recursive {
			want = min(n, max(2*have, firstRun))
		}
		v.Grow(want - have)
		v.SetLen(want)
		base := v.UnsafePointer()
		for i := have; i < want; i++ {
			var err error
			if src, err = elem.run(src, unsafe.Add(base, uintptr(i)*size), depth); err != nil {
				return nil, err
			}
		}
	}
	return src, nil
}

func (c *decodeCompiler) array(s *shape, t reflect.Type, path string) (decodeFunc, error) {
	if s.length != t.Len() {
		return nil, mismatch(s, t, path)
	}
	n, size := t.Len(), t.Elem().Size()
	if s.elem.kind == kindUint8 && rawBytes(t.Elem()) {
		return func(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
			if len(src) < n {
				return nil, errShort
			}
			copy(unsafe.Slice((*byte)(p), n), src)
			return src[n:], nil
		}, nil
	}
	elem, err := c.program(s.elem, t.Elem(), path+"[]")
	if err != nil {
		return nil, err
	}
	return func(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		if len(elem.steps) == 0 {
			return src, nil
		}
		for i := range n {
			var err error
			if src, err = elem.run(src, unsafe.Add(p, uintptr(i)*size), depth); err != nil {
				return nil, err
			}
		}
		return src, nil
	}, nil
}

func (c *decodeCompiler) pointer(s *shape, t reflect.Type, path string) (decodeFunc, error) {
	elem, err := c.program(s.elem, t.Elem(), path)
	if err != nil {
		return nil, err
	}
	least, pointee := c.measure(s.elem), t.Elem()
	return func(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		present, rest, err := decodeFlag(src)
		if err != nil || !present {
			return rest, err
		}
		if depth >= maxDepth {
			return nil, errTooDeep
		}
		if len(rest) < least {
			return nil, errShort
		}
		q := reflect.New(pointee).UnsafePointer()
		*(*unsafe.Pointer)(p) = q
		return elem.run(rest, q, depth+1)
	}, nil
}

func decodeFlag(src []byte) (set bool, rest []byte, err error) {
	switch {
	case len(src) == 0:
		return false, nil, errShort
	case src[0] > 1:
		return false, nil, errBool
	}
	return src[0] == 1, src[1:], nil
}
