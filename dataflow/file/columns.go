package file

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// A column is a field of a struct as a column of CSV.
type column struct {
	name     string // in the header
	path     string // of the field, for errors
	index    []int
	kind     reflect.Kind // or one of the kinds below
	layout   string       // of a time
	optional bool
}

// Kinds beside those of reflect.
const (
	kindTime reflect.Kind = 100 + iota
	kindText              // a type with a text form of its own
)

var (
	timeType        = reflect.TypeFor[time.Time]()
	marshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// columnsOf lists the columns of a struct type: its exported fields, those of
// structs within it as outer.inner. text is the interface that lets a type
// have a text form of its own.
func columnsOf(t, text reflect.Type) ([]column, error) {
	if t.Kind() != reflect.Struct || t == timeType {
		return nil, fmt.Errorf("a CSV record must be a struct, not %v", t)
	}
	var w columnWalk
	w.text = text
	w.walk(t, column{})
	if len(w.columns) == 0 && len(w.errs) == 0 {
		return nil, fmt.Errorf("%v has no exported fields to be CSV columns", t)
	}
	return w.columns, errors.Join(w.errs...)
}

type columnWalk struct {
	text    reflect.Type
	columns []column
	errs    []error
}

func (w *columnWalk) walk(t reflect.Type, outer column) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, flags, _ := strings.Cut(f.Tag.Get("csv"), ",")
		if !f.IsExported() && !f.Anonymous || tag == "-" {
			continue
		}
		c := column{
			name: f.Name, path: outer.path + f.Name, kind: f.Type.Kind(),
			index:  append(outer.index[:len(outer.index):len(outer.index)], i),
			layout: f.Tag.Get("layout"), optional: flags == "optional",
		}
		if tag != "" {
			c.name = tag
		}
		if flags != "" && !c.optional {
			w.errs = append(w.errs, fmt.Errorf("field %s: the csv tag has the flag %q, which is "+
				"not known; there is only \"optional\"", c.path, flags))
		}
		w.field(f, c, outer)
	}
}

func (w *columnWalk) field(f reflect.StructField, c, outer column) {
	switch {
	case f.Type == timeType:
		c.kind = kindTime
	case f.Type.Implements(w.text) || reflect.PointerTo(f.Type).Implements(w.text):
		c.kind = kindText
	case c.kind == reflect.Struct:
		inner := column{path: c.path + ".", index: c.index, name: c.name + "."}
		if f.Anonymous && f.Tag.Get("csv") == "" {
			inner.name, inner.path = "", outer.path
		}
		inner.name = outer.name + inner.name
		w.walk(f.Type, inner)
		return
	case !scalar(c.kind):
		w.errs = append(w.errs, fmt.Errorf("field %s: a %v cannot be a CSV column; use strings, "+
			"numbers, bools, times, structs of them or a type with a text form, or tag it csv:\"-\"",
			c.path, f.Type))
		return
	}
	if !f.IsExported() {
		return
	}
	c.name = outer.name + c.name
	w.columns = append(w.columns, c)
}

func scalar(k reflect.Kind) bool {
	return k == reflect.String || k >= reflect.Bool && k <= reflect.Float64 && k != reflect.Uintptr
}
