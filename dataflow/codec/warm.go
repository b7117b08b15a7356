package codec

import (
	"reflect"
	"unsafe"
)

// WarmerFor returns a function that reads a little of what values point at, so that
// it is in the processor's caches when they are encoded, or nil if T points at
// nothing. Called for many values before the first of them is encoded, it lets their
// memory be fetched side by side: the reads of one value do not wait for those of
// the one before. Depth 0 reads what the value itself points at, depth 1 what that
// points at in turn, once it has been read at depth 0; there is nothing to be had from
// [WarmDepth] on. Maps are not entered.
//
// The result is the sum of what was read and means nothing; that it is used keeps the
// reads from being optimized away. The function only reads; any number of goroutines
// may use it.
func WarmerFor[T any]() func(v *T, depth int) byte {
	t := reflect.TypeFor[T]()
	w := newWarmer(t, WarmDepth)
	if w == nil {
		return nil
	}
	return func(v *T, depth int) byte { return w.read(unsafe.Pointer(v), depth) }
}

// WarmDepth is the number of depths that [WarmerFor] knows.
const WarmDepth = 2

const (
	cacheLine = 64
	// warmBytes is how much of one slice or string is read: values that are longer are
	// fetched by the processor on its own account, as it finds them read in order.
	warmBytes = 16 * cacheLine
)

// warmer reads the memory that the strings, slices and pointers of a value lead to.
type warmer struct {
	strings []uintptr // offsets
	parts   []warmPart
}

// warmPart is a slice or a pointer in a value.
type warmPart struct {
	off     uintptr
	pointer bool
	size    uintptr // of an element
	elem    *warmer // nil if elements point at nothing, or too deep
}

// newWarmer returns nil for types that point at nothing.
func newWarmer(t reflect.Type, depth int) *warmer {
	w := &warmer{}
	w.add(t, 0, depth)
	if len(w.strings) == 0 && len(w.parts) == 0 {
		return nil
	}
	return w
}

func (w *warmer) add(t reflect.Type, off uintptr, depth int) {
	if depth == 0 || isTime(t) {
		return
	}
	switch t.Kind() {
	case reflect.String:
		w.strings = append(w.strings, off)
	case reflect.Slice, reflect.Pointer:
		e := t.Elem()
		w.parts = append(w.parts, warmPart{
			off, t.Kind() == reflect.Pointer, e.Size(), newWarmer(e, depth-1),
		})
	case reflect.Struct:
		for f := range t.Fields() {
			w.add(f.Type, off+f.Offset, depth)
		}
	case reflect.Array:
		e := t.Elem()
		for i := range min(t.Len(), warmBytes/max(1, int(e.Size()))) {
			w.add(e, off+uintptr(i)*e.Size(), depth)
		}
	}
}

func (w *warmer) read(p unsafe.Pointer, depth int) (sum byte) {
	if depth == 0 {
		for _, off := range w.strings {
			s := *(*string)(unsafe.Add(p, off))
			sum += readLines(unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s)))
		}
	}
	for i := range w.parts {
		x := &w.parts[i]
		data, n := x.memory(unsafe.Add(p, x.off))
		switch {
		case depth == 0:
			sum += readLines(data, n*x.size)
		case x.elem != nil:
			for j := range n {
				sum += x.elem.read(unsafe.Add(data, j*x.size), depth-1)
			}
		}
	}
	return sum
}

// memory is where the elements are and how many are worth a look.
func (x *warmPart) memory(p unsafe.Pointer) (data unsafe.Pointer, n uintptr) {
	if x.pointer {
		if data = *(*unsafe.Pointer)(p); data != nil {
			n = 1
		}
		return data, n
	}
	h := (*sliceHeader)(p)
	return h.data, min(uintptr(h.len), warmBytes/max(1, x.size))
}

// readLines reads a byte of each cache line, about, of the first n bytes from p on.
func readLines(p unsafe.Pointer, n uintptr) (sum byte) {
	n = min(n, warmBytes)
	for i := uintptr(0); i < n; i += cacheLine {
		sum += *(*byte)(unsafe.Add(p, i))
	}
	return sum
}

// Touch reads a byte of each cache line of a value itself, as [WarmerFor] does of what
// it points at.
func Touch[T any](v *T) byte {
	return readLines(unsafe.Pointer(v), unsafe.Sizeof(*v))
}
