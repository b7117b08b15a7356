package codec

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unsafe"
)

// decodeFunc decodes from the front of src into the zero value at p and returns the rest. With a
// nil p (a removed field) it only skips.
type decodeFunc func(src []byte, p unsafe.Pointer, depth int) ([]byte, error)

// decodeStep decodes the part of a value that lies off bytes after its start.
type decodeStep struct {
	off  uintptr
	op   op
	fn   decodeFunc
	path string
}

// decodeProgram decodes a value part by part, in the order of the stored schema.
type decodeProgram struct {
	base  string // path of the value; the steps' paths start from it
	open  bool   // still being compiled
	steps []decodeStep
}

func (g *decodeProgram) run(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
	for i := range g.steps {
		s := &g.steps[i]
		q := unsafe.Add(p, s.off)
		switch s.op {
		case opInt64:
			u, n := readUvarint(src)
			if n == 0 {
				return nil, atPath(s.path, errVarint)
			}
			*(*int64)(q), src = unzigzag(u), src[n:]
		case opUint64:
			u, n := readUvarint(src)
			if n == 0 {
				return nil, atPath(s.path, errVarint)
			}
			*(*uint64)(q), src = u, src[n:]
		case opFloat64:
			if len(src) < 8 {
				return nil, atPath(s.path, errShort)
			}
			*(*float64)(q) = math.Float64frombits(binary.LittleEndian.Uint64(src))
			src = src[8:]
		case opString:
			size, n := readUvarint(src)
			switch {
			case n == 0:
				return nil, atPath(s.path, errVarint)
			case size > uint64(len(src)-n):
				return nil, atPath(s.path, errShort)
			}
			end := n + int(size)
			*(*string)(q), src = string(src[n:end]), src[end:]
		default:
			var err error
			if src, err = s.fn(src, q, depth); err != nil {
				return nil, atPath(s.path, err)
			}
		}
	}
	return src, nil
}

// decodeCompiler builds the programs that read a stored shape into a Go type. Decoding one's own
// bytes is the case where the shape is the type's own.
type decodeCompiler struct {
	done      map[pair]*decodeProgram
	skips     map[*shape]*decodeProgram
	least     map[*shape]int
	recursive bool // a type contains itself: memory must be claimed in small runs
}

type pair struct {
	shape *shape
	t     reflect.Type
}

func compileDecode(s *shape, t reflect.Type) (*decodeProgram, error) {
	c := decodeCompiler{
		done:  map[pair]*decodeProgram{},
		skips: map[*shape]*decodeProgram{},
		least: map[*shape]int{},
	}
	return c.program(s, t, rootName(t))
}

// program returns the program for s into t, which is unfinished while it is being compiled.
func (c *decodeCompiler) program(s *shape, t reflect.Type, path string) (*decodeProgram, error) {
	if g, ok := c.done[pair{s, t}]; ok {
		c.recursive = c.recursive || g.open
		return g, nil
	}
	g := &decodeProgram{base: path, open: true}
	c.done[pair{s, t}] = g
	err := c.add(g, s, t, 0, path)
	g.open = false
	return g, err
}

// add appends to g the steps that decode s into a t at offset off.
func (c *decodeCompiler) add(
	g *decodeProgram, s *shape, t reflect.Type, off uintptr, path string,
) error {
	step, err := c.step(s, t, path)
	switch {
	case err != nil:
		return err
	case step.op == opCall && step.fn == nil:
		return c.addFields(g, s, t, off, path)
	}
	step.off, step.path = off, (path + within(t))[len(g.base):]
	g.steps = append(g.steps, step)
	return nil
}

// step returns the step for s into t at offset 0, or an empty one if both are structs.
func (c *decodeCompiler) step(s *shape, t reflect.Type, path string) (step decodeStep, err error) {
	switch {
	case isTime(t) || isBinary(t):
		return stepOpaque(s, t, path)
	case scalarKinds[t.Kind()] != 0:
		return stepScalar(s, t, path)
	case s.kind == kindStruct && t.Kind() == reflect.Struct:
		return decodeStep{}, nil
	case s.kind == kindPointer && t.Kind() == reflect.Pointer:
		step.fn, err = c.pointer(s, t, path)
	case s.kind == kindSlice && t.Kind() == reflect.Slice:
		step.fn, err = c.slice(s, t, path)
	case s.kind == kindArray && t.Kind() == reflect.Array:
		step.fn, err = c.array(s, t, path)
	case s.kind == kindMap && t.Kind() == reflect.Map:
		step.fn, err = c.mapping(s, t, path)
	default:
		err = mismatch(s, t, path)
	}
	return step, err
}

// addFields matches the fields of two structs by name; what only was is skipped.
func (c *decodeCompiler) addFields(
	g *decodeProgram, s *shape, t reflect.Type, off uintptr, path string,
) error {
	now := map[string]member{}
	for _, m := range members(t) {
		now[m.stored] = m
	}
	for _, f := range s.fields {
		m, kept := now[f.name]
		if !kept {
			if c.measure(f.shape) > 0 {
				skip, rel := c.skip(f.shape), path[len(g.base):]+"."+f.name
				g.steps = append(g.steps, decodeStep{off: off, fn: skip, path: rel})
			}
			continue
		}
		if err := c.add(g, f.shape, m.Type, off+m.Offset, path+"."+m.Name); err != nil {
			return err
		}
	}
	return nil
}

// mismatch says that a part was written as s and cannot be read into t.
func mismatch(s *shape, t reflect.Type, path string) error {
	was := strings.TrimPrefix(Schema{s}.String(), "v1 ")
	if len(was) > 80 {
		was = was[:80] + "…"
	}
	return fmt.Errorf("codec: %s was stored as %s and is now %s: give the new field another name, "+
		"or restore its old type", path, was, t)
}

// stepOpaque reads times and values that encode themselves. Only the type's own code knows the
// latter's bytes, so the type must be the same; its package may be another.
func stepOpaque(s *shape, t reflect.Type, path string) (decodeStep, error) {
	switch {
	case isTime(t) && s.kind == kindTime:
		return decodeStep{fn: storeTime}, nil
	case !isTime(t) && s.kind == kindBinary && baseName(s.name) == baseName(t.String()):
		return decodeStep{fn: decodeBinary(t)}, nil
	}
	return decodeStep{}, mismatch(s, t, path)
}

// baseName strips the package from a Go type name.
func baseName(name string) string {
	head, args, generic := strings.Cut(name, "[")
	head = head[strings.LastIndexByte(head, '.')+1:]
	if generic {
		return head + "[" + args
	}
	return head
}

func storeTime(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	t, rest, err := decodeTime(src)
	if err == nil {
		*(*time.Time)(p) = t
	}
	return rest, err
}

// measure returns the fewest bytes that a value of s takes. Only structs without fields, empty
// arrays and arrays and structs of these take none. Pointers, slices and maps take at least one, so
// a cycle never comes back here.
func (c *decodeCompiler) measure(s *shape) int {
	if n, ok := c.least[s]; ok {
		return n
	}
	n := 1
	switch s.kind {
	case kindFloat32:
		n = 4
	case kindFloat64, kindComplex64:
		n = 8
	case kindComplex128:
		n = 16
	case kindTime:
		n = 2
	case kindArray:
		n = saturate(s.length, c.measure(s.elem))
	case kindStruct:
		n = 0
		for _, f := range s.fields {
			n = min(n+c.measure(f.shape), math.MaxInt32)
		}
	}
	c.least[s] = n
	return n
}

// saturate multiplies two counts, stopping at MaxInt32.
func saturate(a, b int) int {
	if b != 0 && a > math.MaxInt32/b {
		return math.MaxInt32
	}
	return a * b
}
