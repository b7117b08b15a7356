package codec

import (
	"encoding"
	"fmt"
	"reflect"
	"time"
)

var (
	timeType        = reflect.TypeFor[time.Time]()
	marshalerType   = reflect.TypeFor[encoding.BinaryMarshaler]()
	unmarshalerType = reflect.TypeFor[encoding.BinaryUnmarshaler]()
	appenderType    = reflect.TypeFor[encoding.BinaryAppender]()
)

// member is one struct field that is encoded, under the name it is recorded by.
type member struct {
	reflect.StructField
	stored string
}

// members returns the fields of struct t that are encoded, in order of declaration.
func members(t reflect.Type) []member {
	var ms []member
	for f := range t.Fields() {
		tag := f.Tag.Get("flyball")
		if tag == "-" || f.Name == "_" {
			continue
		}
		if tag == "" {
			tag = f.Name
		}
		ms = append(ms, member{f, tag})
	}
	return ms
}

// isTime reports whether t is time.Time or a type defined from it.
func isTime(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.ConvertibleTo(timeType)
}

// isBinary reports whether values of t encode themselves.
func isBinary(t reflect.Type) bool {
	if t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer {
		return false
	}
	p := reflect.PointerTo(t)
	return p.Implements(marshalerType) && p.Implements(unmarshalerType) && !inherits(t)
}

// inherits reports whether t may owe its methods to one embedded field among several.
func inherits(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.NumField() < 2 {
		return false
	}
	for f := range t.Fields() {
		if !f.Anonymous {
			continue
		}
		p := f.Type
		if p.Kind() != reflect.Pointer && p.Kind() != reflect.Interface {
			p = reflect.PointerTo(p)
		}
		if p.Implements(marshalerType) || p.Implements(unmarshalerType) {
			return true
		}
	}
	return false
}

var scalarKinds = map[reflect.Kind]kind{
	reflect.Bool: kindBool, reflect.Int: kindInt, reflect.Int8: kindInt8,
	reflect.Int16: kindInt16, reflect.Int32: kindInt32, reflect.Int64: kindInt64,
	reflect.Uint: kindUint, reflect.Uint8: kindUint8, reflect.Uint16: kindUint16,
	reflect.Uint32: kindUint32, reflect.Uint64: kindUint64, reflect.Float32: kindFloat32,
	reflect.Float64: kindFloat64, reflect.Complex64: kindComplex64,
	reflect.Complex128: kindComplex128, reflect.String: kindString,
}

// shapeOf describes how values of t are encoded, or says which part of t cannot be.
func shapeOf(t reflect.Type) (*shape, error) {
	b := shapeBuilder{done: map[reflect.Type]*shape{}}
	return b.shape(t, rootName(t))
}

type shapeBuilder struct{ done map[reflect.Type]*shape }

func (b *shapeBuilder) shape(t reflect.Type, path string) (*shape, error) {
	switch {
	case isTime(t):
		return &shape{kind: kindTime}, nil
	case isBinary(t):
		return &shape{kind: kindBinary, name: t.String()}, nil
	case scalarKinds[t.Kind()] != 0:
		return &shape{kind: scalarKinds[t.Kind()]}, nil
	}
	if s, ok := b.done[t]; ok {
		return s, nil
	}
	s := new(shape)
	if t.Name() != "" {
		b.done[t] = s
	}
	return s, b.fill(s, t, path)
}

// fill describes the composite type t in s, which is already known by the parts that refer to it.
func (b *shapeBuilder) fill(s *shape, t reflect.Type, path string) (err error) {
	switch t.Kind() {
	case reflect.Struct:
		s.kind, s.name = kindStruct, t.Name()
		if s.name != "" {
			s.name = t.String()
		}
		return b.fillStruct(s, t, path)
	case reflect.Pointer:
		s.kind = kindPointer
		s.elem, err = b.shape(t.Elem(), path)
	case reflect.Slice:
		s.kind = kindSlice
		s.elem, err = b.shape(t.Elem(), path+"[]")
	case reflect.Array:
		s.kind, s.length = kindArray, t.Len()
		s.elem, err = b.shape(t.Elem(), path+"[]")
	case reflect.Map:
		s.kind = kindMap
		if err = checkKey(t.Key(), path+"[key]"); err != nil {
			return err
		}
		if s.key, err = b.shape(t.Key(), path+"[key]"); err == nil {
			s.elem, err = b.shape(t.Elem(), path+"[]")
		}
	default:
		return unsupported(t, path)
	}
	return err
}

func (b *shapeBuilder) fillStruct(s *shape, t reflect.Type, path string) error {
	seen := map[string]string{}
	for _, m := range members(t) {
		if other, twice := seen[m.stored]; twice {
			return fmt.Errorf("codec: %s: fields %s and %s are both recorded as %q: change a tag",
				path, other, m.Name, m.stored)
		}
		seen[m.stored] = m.Name
		fs, err := b.shape(m.Type, path+"."+m.Name)
		if err != nil {
			return err
		}
		s.fields = append(s.fields, field{m.stored, fs})
	}
	return nil
}

func unsupported(t reflect.Type, path string) error {
	remedy := "tag it `flyball:\"-\"` to leave it out, " +
		"or give the type MarshalBinary and UnmarshalBinary"
	if t.Kind() == reflect.Interface {
		remedy = "use a concrete type, or tag it `flyball:\"-\"` to leave it out"
	}
	return fmt.Errorf("codec: %s: %s (%s) cannot be encoded: %s", path, t, t.Kind(), remedy)
}

// checkKey refuses key types whose values == tells apart although their bytes are the same.
func checkKey(t reflect.Type, path string) error {
	const refused = "codec: %s: %s cannot be part of a key: %s"
	switch {
	case isTime(t):
		return fmt.Errorf(refused, path, t, "== compares locations; use UnixNano()")
	case isBinary(t):
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Chan:
		return fmt.Errorf(refused, path, t, "== compares identity; use a value")
	case reflect.Array:
		return checkKey(t.Elem(), path+"[]")
	case reflect.Struct:
		for f := range t.Fields() {
			if f.Tag.Get("flyball") == "-" {
				return fmt.Errorf(refused, path+"."+f.Name, f.Type, "it is left out of the bytes")
			}
			if err := checkKey(f.Type, path+"."+f.Name); f.Name != "_" && err != nil {
				return err
			}
		}
	}
	return nil
}
