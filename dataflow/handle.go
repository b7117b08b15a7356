package dataflow

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// A StateOption adjusts a piece of state.
type StateOption func(*handle)

// TTL lets a key's state, or an entry of a [MapState], expire when it has not
// been written to for d of event time. A record no longer sees what was last
// written d or more before its own event time; it is removed when the
// watermark has come as far. A late record counts as one at the watermark.
//
// State that was stored before it had a TTL lives until its next write and d
// more. Taking a TTL away again needs a restore that allows state to be
// dropped.
func TTL(d time.Duration) StateOption { return ttl(d, false) }

// ProcessingTTL is [TTL] in processing time.
func ProcessingTTL(d time.Duration) StateOption { return ttl(d, true) }

func ttl(d time.Duration, wall bool) StateOption {
	return func(h *handle) {
		if d <= 0 {
			h.mistake = fmt.Errorf("a time to live of %v; it must be positive", d)
		}
		h.ttl, h.wall = d, wall
	}
}

// handle is what all kinds of state have in common.
type handle struct {
	name    string
	ttl     time.Duration // 0 for ever
	wall    bool          // in processing time
	mistake error         // in an option
	owner   *scope        // of the processor that the handle is bound to
}

func newHandle(name string, opts []StateOption) handle {
	h := handle{name: name}
	for _, o := range opts {
		o(&h)
	}
	return h
}

func (h *handle) label() string { return h.name }

// checkHandle finds the mistakes in a handle for state of type V.
func checkHandle[V any](h *handle) error {
	if _, err := codec.For[V](); err != nil {
		return err
	}
	switch {
	case h.name == "":
		return errors.New("a handle needs a name: it is the state's identity in checkpoints")
	case strings.Contains(h.name, "/"):
		return errors.New(`the name has a "/", which is for the state of the engine`)
	}
	if err := checkName(h.name); err != nil {
		return err
	}
	return h.mistake
}

// own makes the handle that of one processor.
func (h *handle) own(s *scope) error {
	if h.owner != nil && h.owner != s {
		return fmt.Errorf("state %q: two subtasks share the handle; make it inside the "+
			"function that makes the processor", h.name)
	}
	h.owner = s
	return nil
}

// at returns the scope of c if the handle is bound to it.
func (h *handle) at(c Scope) (*scope, error) {
	if h == nil {
		return nil, errors.New("a state handle is used that no New function has made")
	}
	s := c.scope()
	if h.owner != s {
		return nil, h.unbound(s)
	}
	return s, nil
}

func (h *handle) unbound(s *scope) error {
	return fmt.Errorf("state %q is not bound to step %q: a handle must be in a field of the "+
		"processor when the function that makes it returns, and not behind an interface",
		h.name, s.step)
}

// cell is what a handle points at: the part of it that its copies share.
type cell interface {
	label() string
	check() error // what is wrong with the handle as it was declared
	bind(s *scope, b *state.Backend) error
}

// isHandle marks the handle types, which are structs whose first field points
// at a cell.
type isHandle interface{ isHandle() }

// foundHandle is a handle in a processor's fields.
type foundHandle struct {
	path string
	cell cell
}

// findHandles returns the cells of a processor's handles in order of their
// names, each once, and the mistakes in them.
func findHandles(processor any) ([]cell, []error) {
	w := walker{seen: map[visit]bool{}}
	w.walk(reflect.ValueOf(processor), "")
	slices.SortStableFunc(w.found, func(a, b foundHandle) int {
		return strings.Compare(a.cell.label(), b.cell.label())
	})
	var cells []cell
	for i, f := range w.found {
		switch prev := w.found[max(i-1, 0)]; {
		case i > 0 && prev.cell == f.cell:
			continue
		case i > 0 && prev.cell.label() == f.cell.label():
			w.fail(f.path, fmt.Errorf("the name %q is taken by field %s", f.cell.label(), prev.path))
		}
		if err := f.cell.check(); err != nil {
			w.fail(f.path, fmt.Errorf("state %q: %w", f.cell.label(), err))
		}
		cells = append(cells, f.cell)
	}
	return cells, w.errs
}

// walker looks for handles in a processor, and only where the types say that
// there may be some: other values may be in use by other goroutines.
type walker struct {
	seen  map[visit]bool
	found []foundHandle
	errs  []error
}

type visit struct {
	at unsafe.Pointer
	t  reflect.Type
}

func (w *walker) fail(path string, err error) {
	w.errs = append(w.errs, fmt.Errorf("field %s: %w", path, err))
}

func (w *walker) walk(v reflect.Value, path string) {
	if !v.IsValid() || !holdsHandles(v.Type(), map[reflect.Type]bool{}) {
		return
	}
	if handleType(v.Type()) {
		w.handle(v, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if at := (visit{v.UnsafePointer(), v.Type()}); !v.IsNil() && !w.seen[at] {
			w.seen[at] = true
			w.walk(v.Elem(), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."))
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			w.walk(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			w.walk(it.Value(), fmt.Sprintf("%s[%v]", path, it.Key()))
		}
	}
}

func (w *walker) handle(v reflect.Value, path string) {
	p := v.Field(0)
	if p.IsNil() {
		w.fail(path, fmt.Errorf("the %v is zero; make it with New%s", v.Type(), bareName(v.Type())))
		return
	}
	c := reflect.NewAt(p.Type().Elem(), p.UnsafePointer()).Interface().(cell)
	w.found = append(w.found, foundHandle{path, c})
}

// bareName is a generic type's name without its arguments.
func bareName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

func handleType(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Implements(reflect.TypeFor[isHandle]()) &&
		t.PkgPath() == reflect.TypeFor[handle]().PkgPath()
}

// holdsHandles reports whether a value of type t may lead to a handle.
func holdsHandles(t reflect.Type, seen map[reflect.Type]bool) bool {
	if handleType(t) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Array, reflect.Slice, reflect.Map:
		return holdsHandles(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if holdsHandles(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
