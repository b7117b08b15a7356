package codec

import (
	"math"
	"reflect"
	"unsafe"
)

// SizeOf tells what values of T occupy in memory, in bytes: fixed for the T itself, and extra for
// what one points at. A nil extra means that T points at nothing. Strings count their length,
// slices their capacity, maps an estimate of their table; nested values are walked. Memory that two
// values share counts for both. Interfaces count their dynamic value without what that points at,
// channels and functions nothing. Of a recursive type at most 65,536 nodes are walked, so a cycle
// ends.
//
// The function only reads and any number of goroutines may use it. T need not be encodable.
func SizeOf[T any]() (fixed int, extra func(*T) int) {
	t := reflect.TypeFor[T]()
	c := sizeCompiler{done: map[reflect.Type]*sizeProgram{}}
	g := c.program(t)
	fixed = int(t.Size())
	switch {
	case len(g.strings) == 0 && len(g.parts) == 0:
		return fixed, nil
	case len(g.parts) > 0:
		nodes := math.MaxInt
		if c.recursive {
			nodes = maxNodes
		}
		return fixed, func(v *T) int {
			n, _ := g.run(unsafe.Pointer(v), nodes)
			return n
		}
	case len(g.strings) == 1:
		off := g.strings[0]
		return fixed, func(v *T) int { return len(*(*string)(unsafe.Add(unsafe.Pointer(v), off))) }
	}
	return fixed, func(v *T) int { return g.text(unsafe.Pointer(v)) }
}

// maxNodes bounds the walk through one value of a recursive type.
const maxNodes = 1 << 16

// sizeFunc returns the bytes that the part at p points at, and how many more nodes may be walked.
type sizeFunc func(p unsafe.Pointer, nodes int) (bytes, left int)

// sizeProgram sums up what a value points at. Strings are apart because they are cheap and common.
type sizeProgram struct {
	strings []uintptr // offsets
	parts   []sizePart
	open    bool // still being compiled
}

type sizePart struct {
	off uintptr
	fn  sizeFunc
}

func (g *sizeProgram) text(p unsafe.Pointer) int {
	n := 0
	for _, off := range g.strings {
		n += len(*(*string)(unsafe.Add(p, off)))
	}
	return n
}

func (g *sizeProgram) run(p unsafe.Pointer, nodes int) (bytes, left int) {
	bytes = g.text(p)
	for i := range g.parts {
		var n int
		n, nodes = g.parts[i].fn(unsafe.Add(p, g.parts[i].off), nodes)
		bytes += n
	}
	return bytes, nodes
}

type sizeCompiler struct {
	done      map[reflect.Type]*sizeProgram
	recursive bool // a type contains itself
}

// program returns the program of t, which is unfinished while t is being compiled.
func (c *sizeCompiler) program(t reflect.Type) *sizeProgram {
	if g, ok := c.done[t]; ok {
		c.recursive = c.recursive || g.open
		return g
	}
	g := &sizeProgram{open: true}
	c.done[t] = g
	c.add(g, t, 0)
	g.open = false
	return g
}

func (c *sizeCompiler) add(g *sizeProgram, t reflect.Type, off uintptr) {
	if isTime(t) { // its location is shared by all
		return
	}
	var fn sizeFunc
	switch t.Kind() {
	case reflect.String:
		g.strings = append(g.strings, off)
	case reflect.Struct:
		for f := range t.Fields() {
			c.add(g, f.Type, off+f.Offset)
		}
	case reflect.Array:
		if t.Len() > 0 && !plain(t.Elem()) {
			fn = c.array(t)
		}
	case reflect.Slice:
		fn = c.slice(t)
	case reflect.Pointer:
		fn = c.pointer(t)
	case reflect.Map:
		fn = c.mapping(t)
	case reflect.Interface:
		fn = sizeInterface(t)
	}
	if fn != nil {
		g.parts = append(g.parts, sizePart{off, fn})
	}
}

// plain reports whether values of t point at nothing that SizeOf counts.
func plain(t reflect.Type) bool {
	if isTime(t) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		return false
	case reflect.Array:
		return plain(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if !plain(f.Type) {
				return false
			}
		}
	}
	return true
}

func (c *sizeCompiler) array(t reflect.Type) sizeFunc {
	elem, n, size := c.program(t.Elem()), t.Len(), t.Elem().Size()
	return func(p unsafe.Pointer, nodes int) (int, int) {
		return elem.repeat(p, n, size, nodes)
	}
}

// repeat sums over n adjacent values of the given size.
func (g *sizeProgram) repeat(p unsafe.Pointer, n int, size uintptr, nodes int) (bytes, left int) {
	for i := 0; i < n && nodes > 0; i++ {
		var b int
		b, nodes = g.run(unsafe.Add(p, uintptr(i)*size), nodes-1)
		bytes += b
	}
	return bytes, nodes
}

func (c *sizeCompiler) slice(t reflect.Type) sizeFunc {
	size := t.Elem().Size()
	if plain(t.Elem()) {
		return func(p unsafe.Pointer, nodes int) (int, int) {
			return (*sliceHeader)(p).cap * int(size), nodes
		}
	}
	elem := c.program(t.Elem())
	return func(p unsafe.Pointer, nodes int) (int, int) {
		h := (*sliceHeader)(p)
		bytes, left := elem.repeat(h.data, h.len, size, nodes)
		return bytes + h.cap*int(size), left
	}
}

func (c *sizeCompiler) pointer(t reflect.Type) sizeFunc {
	elem, size := c.program(t.Elem()), int(t.Elem().Size())
	return func(p unsafe.Pointer, nodes int) (int, int) {
		q := *(*unsafe.Pointer)(p)
		if q == nil || nodes <= 0 {
			return 0, nodes
		}
		bytes, left := elem.run(q, nodes-1)
		return bytes + size, left
	}
}

// A Go map is a Swiss table: groups of 8 slots with 8 control bytes, at most 7/8 full and on
// average between a doubling and the next about 2/3 (internal/runtime/maps). The header takes 48
// bytes.
const mapHeader = 48

func (c *sizeCompiler) mapping(t reflect.Type) sizeFunc {
	slot := int(t.Key().Size()+t.Elem().Size()) + 1
	key, elem := c.program(t.Key()), c.program(t.Elem())
	walk := !plain(t.Key()) || !plain(t.Elem())
	return func(p unsafe.Pointer, nodes int) (int, int) {
		m := reflect.NewAt(t, p).Elem()
		if m.IsNil() {
			return 0, nodes
		}
		bytes := mapHeader + max(8, m.Len()*3/2)*slot
		if !walk {
			return bytes, nodes
		}
		k, e := reflect.New(t.Key()), reflect.New(t.Elem())
		for it := m.MapRange(); nodes > 0 && it.Next(); {
			k.Elem().SetIterKey(it)
			e.Elem().SetIterValue(it)
			var nk, ne int
			nk, nodes = key.run(k.UnsafePointer(), nodes-1)
			ne, nodes = elem.run(e.UnsafePointer(), nodes)
			bytes += nk + ne
		}
		return bytes, nodes
	}
}

func sizeInterface(t reflect.Type) sizeFunc {
	return func(p unsafe.Pointer, nodes int) (int, int) {
		v := reflect.NewAt(t, p).Elem()
		if v.IsNil() {
			return 0, nodes
		}
		bytes := int(v.Elem().Type().Size())
		if v.Elem().Kind() == reflect.String {
			bytes += v.Elem().Len()
		}
		return bytes, nodes
	}
}

// HasReferences reports whether a copy of a T shares mutable memory with the original: whether T
// contains a pointer, a slice, a map, an interface, a channel or a function. Strings and times are
// immutable and do not count, nor do unique.Handle and what is built on it (netip.Addr).
func HasReferences[T any]() bool { return hasReferences(reflect.TypeFor[T]()) }

func hasReferences(t reflect.Type) bool {
	if isTime(t) || t.PkgPath() == "unique" {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface, reflect.Chan,
		reflect.Func, reflect.UnsafePointer:
		return true
	case reflect.Array:
		return t.Len() > 0 && hasReferences(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if hasReferences(f.Type) {
				return true
			}
		}
	}
	return false
}
