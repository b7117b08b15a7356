package codec

import (
	"reflect"
	"unsafe"
)

// WarmerFor returns a function that has the processor fetch what values point at into
// its caches, before they are encoded, or nil if T points at nothing. It waits for
// nothing, so that the memory of many values is fetched side by side. Depth 0 fetches
// what the value itself points at, and the value should be in a cache by then; depth 1
// what that points at in turn, some time after depth 0; there is nothing to be had from
// [WarmDepth] on. Maps are not entered.
//
// The function changes nothing; any number of goroutines may use it.
func WarmerFor[T any]() func(v *T, depth int) {
	t := reflect.TypeFor[T]()
	w := newWarmer(t, WarmDepth)
	if w == nil {
		return nil
	}
	return func(v *T, depth int) { w.fetch(unsafe.Pointer(v), depth) }
}

// WarmDepth is the number of depths that [WarmerFor] knows.
const WarmDepth = 2

const (
	cacheLine = 64
	// warmBytes is how much of one slice or string is fetched: the processor gets the rest
	// of longer ones on its own account, as it finds them read in order.
	warmBytes = 16 * cacheLine
)

// warmer fetches the memory that the strings, slices and pointers of a value lead to.
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

// fetch returns how many bytes it has asked for.
func (w *warmer) fetch(p unsafe.Pointer, depth int) (n uintptr) {
	if depth == 0 {
		for _, off := range w.strings {
			s := *(*string)(unsafe.Add(p, off))
			n += fetchLines(unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s)))
		}
	}
	for i := range w.parts {
		x := &w.parts[i]
		data, elems := x.memory(unsafe.Add(p, x.off))
		switch {
		case depth == 0:
			n += fetchLines(data, elems*x.size)
		case x.elem != nil:
			for j := range elems {
				n += x.elem.fetch(unsafe.Add(data, j*x.size), depth-1)
			}
		}
	}
	return n
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

func fetchLines(p unsafe.Pointer, n uintptr) uintptr {
	n = min(n, warmBytes)
	prefetch(p, n)
	return n
}

// Touch has the processor fetch a value itself, as [WarmerFor] does what it points at.
func Touch[T any](v *T) { fetchLines(unsafe.Pointer(v), unsafe.Sizeof(*v)) }
