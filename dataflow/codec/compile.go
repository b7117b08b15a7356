package codec

import (
	"encoding/binary"
	"math"
	"reflect"
	"time"
	"unsafe"
)

// op selects what a step does. The common scalars are done in place, without an indirect call.
type op uint8

const (
	opCall op = iota // the step's function
	opInt64
	opUint64
	opFloat64
	opString
	opByte // bool, int8, uint8
)

// appendFunc appends the encoding of the value at p. The depth counts indirections above it.
type appendFunc func(dst []byte, p unsafe.Pointer, depth int) ([]byte, error)

// appendStep encodes the part of a value that lies off bytes after its start.
type appendStep struct {
	off  uintptr
	op   op
	fn   appendFunc
	path string
}

// appendProgram encodes a value part by part. Nested structs lie flat in their parent's program;
// what is reached through memory elsewhere has a program of its own, which may be the same one.
type appendProgram struct {
	base  string // path of the value; the steps' paths start from it
	steps []appendStep
}

func (g *appendProgram) run(dst []byte, p unsafe.Pointer, depth int) ([]byte, error) {
	for i := range g.steps {
		s := &g.steps[i]
		q := unsafe.Add(p, s.off)
		switch s.op {
		case opInt64:
			dst = appendUvarint(dst, zigzag(*(*int64)(q)))
		case opUint64:
			dst = appendUvarint(dst, *(*uint64)(q))
		case opFloat64:
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(*(*float64)(q)))
		case opString:
			dst = appendString(dst, *(*string)(q))
		case opByte:
			dst = append(dst, *(*byte)(q))
		default:
			var err error
			if dst, err = s.fn(dst, q, depth); err != nil {
				return dst, atPath(s.path, err)
			}
		}
	}
	return dst, nil
}

// encodeCompiler builds the programs of a type that shapeOf has accepted.
type encodeCompiler struct {
	done map[reflect.Type]*appendProgram
}

// program returns the program of t, which is unfinished while t is being compiled.
func (c *encodeCompiler) program(t reflect.Type, path string) *appendProgram {
	if g, ok := c.done[t]; ok {
		return g
	}
	g := &appendProgram{base: path}
	c.done[t] = g
	c.add(g, t, 0, path)
	return g
}

// add appends to g the steps for a t at offset off.
func (c *encodeCompiler) add(g *appendProgram, t reflect.Type, off uintptr, path string) {
	switch {
	case isTime(t):
		g.call(path, off, encodeTime)
		return
	case isBinary(t):
		g.call(path, off, encodeBinary(t))
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		for _, m := range members(t) {
			c.add(g, m.Type, off+m.Offset, path+"."+m.Name)
		}
	case reflect.Pointer:
		g.call(path, off, c.pointer(t, path))
	case reflect.Slice:
		g.call(path+"[]", off, c.slice(t, path+"[]"))
	case reflect.Array:
		g.call(path+"[]", off, c.array(t, path+"[]"))
	case reflect.Map:
		g.call(path+"[]", off, c.mapping(t, path))
	default:
		step := appendScalar(t)
		step.off = off
		g.steps = append(g.steps, step)
	}
}

func (g *appendProgram) call(path string, off uintptr, fn appendFunc) {
	g.steps = append(g.steps, appendStep{off: off, fn: fn, path: path[len(g.base):]})
}

// appendScalar returns the step of a scalar kind at offset 0.
func appendScalar(t reflect.Type) appendStep {
	switch k := t.Kind(); k {
	case reflect.String:
		return appendStep{op: opString}
	case reflect.Float64:
		return appendStep{op: opFloat64}
	case reflect.Bool, reflect.Int8, reflect.Uint8:
		return appendStep{op: opByte}
	case reflect.Float32:
		return appendStep{fn: encodeFloat32}
	case reflect.Complex64:
		return appendStep{fn: encodeComplex64}
	case reflect.Complex128:
		return appendStep{fn: encodeComplex128}
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		if t.Size() == 8 {
			return appendStep{op: opInt64}
		}
		size := t.Size()
		return appendStep{fn: func(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
			return appendUvarint(dst, zigzag(loadInt(p, size))), nil
		}}
	default:
		if t.Size() == 8 {
			return appendStep{op: opUint64}
		}
		size := t.Size()
		return appendStep{fn: func(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
			return appendUvarint(dst, loadUint(p, size)), nil
		}}
	}
}

// loadInt reads a signed integer of 1, 2, 4 or 8 bytes.
func loadInt(p unsafe.Pointer, size uintptr) int64 {
	switch size {
	case 1:
		return int64(*(*int8)(p))
	case 2:
		return int64(*(*int16)(p))
	case 4:
		return int64(*(*int32)(p))
	default:
		return *(*int64)(p)
	}
}

// loadUint reads an unsigned integer of 1, 2, 4 or 8 bytes.
func loadUint(p unsafe.Pointer, size uintptr) uint64 {
	switch size {
	case 1:
		return uint64(*(*uint8)(p))
	case 2:
		return uint64(*(*uint16)(p))
	case 4:
		return uint64(*(*uint32)(p))
	default:
		return *(*uint64)(p)
	}
}

// storeInt writes the low size bytes of bits; signed and unsigned integers are alike here.
func storeInt(p unsafe.Pointer, size uintptr, bits uint64) {
	switch size {
	case 1:
		*(*uint8)(p) = uint8(bits)
	case 2:
		*(*uint16)(p) = uint16(bits)
	case 4:
		*(*uint32)(p) = uint32(bits)
	default:
		*(*uint64)(p) = bits
	}
}

func encodeTime(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	return appendTime(dst, *(*time.Time)(p)), nil
}

func encodeFloat32(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(*(*float32)(p))), nil
}

func encodeComplex64(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	parts := (*[2]float32)(p)
	dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(parts[0]))
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(parts[1])), nil
}

func encodeComplex128(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	parts := (*[2]float64)(p)
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(parts[0]))
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(parts[1])), nil
}
