package codec

import (
	"strconv"
	"strings"
	"unicode"
)

// FormatVersion is the version of the byte format that Append writes and of the schema text.
const FormatVersion = 1

// kind is what the bytes of a part of a value mean.
type kind uint8

const (
	kindBool kind = iota + 1
	kindInt
	kindInt8
	kindInt16
	kindInt32
	kindInt64
	kindUint
	kindUint8
	kindUint16
	kindUint32
	kindUint64
	kindFloat32
	kindFloat64
	kindComplex64
	kindComplex128
	kindString
	kindTime
	kindBinary
	kindStruct
	kindArray
	kindSlice
	kindMap
	kindPointer
)

var kindNames = [...]string{
	kindBool: "bool", kindInt: "int", kindInt8: "int8", kindInt16: "int16", kindInt32: "int32",
	kindInt64: "int64", kindUint: "uint", kindUint8: "uint8", kindUint16: "uint16",
	kindUint32: "uint32", kindUint64: "uint64", kindFloat32: "float32", kindFloat64: "float64",
	kindComplex64: "complex64", kindComplex128: "complex128", kindString: "string",
	kindTime: "time", kindBinary: "binary", kindStruct: "struct", kindArray: "array",
	kindSlice: "slice", kindMap: "map", kindPointer: "pointer",
}

func (k kind) String() string { return kindNames[k] }

// shape is one node of a schema. Shapes form a graph: a type that occurs twice is one node, and a
// recursive type is a cycle that passes through a pointer, a slice or a map.
type shape struct {
	kind   kind
	name   string  // Go type name of a struct or a binary
	length int     // elements of an array
	key    *shape  // of a map
	elem   *shape  // of an array, slice, map or pointer
	fields []field // of a struct
}

type field struct {
	name  string
	shape *shape
}

// Schema describes the bytes that a Codec writes: kinds, field names in order, and the Go names of
// struct types for the reader's eye. It is immutable. The zero Schema describes nothing.
type Schema struct{ root *shape }

// String returns the canonical text, for example
//
//	v1 struct main.Order{ID string; Cents int64; At time; Lines []struct main.Line{SKU string}}
//
// A type that occurs again is labelled where it first occurs and then referred to:
// "v1 @1=struct main.Node{Next *@1}". Equal texts mean equal layouts.
func (s Schema) String() string {
	if s.root == nil {
		return ""
	}
	p := printer{uses: map[*shape]int{}, labels: map[*shape]int{}}
	p.count(s.root)
	p.text = append(p.text, "v"+strconv.Itoa(FormatVersion)+" "...)
	p.print(s.root)
	return string(p.text)
}

// A Part is one field of a struct's Schema.
type Part struct {
	Name   string
	Schema Schema
}

// StructOf returns the Schema of a struct with the given Go name and fields. It is for codecs that
// are put together from others at run time; no schema of a part may be the zero one.
func StructOf(name string, parts ...Part) Schema {
	s := &shape{kind: kindStruct, name: name}
	for _, p := range parts {
		s.fields = append(s.fields, field{p.Name, p.Schema.root})
	}
	return Schema{root: s}
}

// Parts returns the fields of a struct's Schema in order, and nil for any other.
func (s Schema) Parts() []Part {
	if s.root == nil || s.root.kind != kindStruct {
		return nil
	}
	parts := make([]Part, len(s.root.fields))
	for i, f := range s.root.fields {
		parts[i] = Part{f.name, Schema{root: f.shape}}
	}
	return parts
}

// MarshalText returns String, so that a schema can stand in JSON and similar.
func (s Schema) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is ParseSchema.
func (s *Schema) UnmarshalText(text []byte) error {
	parsed, err := ParseSchema(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

type printer struct {
	text   []byte
	uses   map[*shape]int
	labels map[*shape]int
}

func (p *printer) count(s *shape) {
	p.uses[s]++
	if p.uses[s] > 1 {
		return
	}
	for _, f := range s.fields {
		p.count(f.shape)
	}
	if s.key != nil {
		p.count(s.key)
	}
	if s.elem != nil {
		p.count(s.elem)
	}
}

func (p *printer) print(s *shape) {
	if n, ok := p.labels[s]; ok {
		p.text = strconv.AppendInt(append(p.text, '@'), int64(n), 10)
		return
	}
	if p.uses[s] > 1 {
		p.labels[s] = len(p.labels) + 1
		p.text = strconv.AppendInt(append(p.text, '@'), int64(len(p.labels)), 10)
		p.text = append(p.text, '=')
	}
	switch s.kind {
	case kindPointer:
		p.text = append(p.text, '*')
	case kindSlice:
		p.text = append(p.text, "[]"...)
	case kindArray:
		p.text = strconv.AppendInt(append(p.text, '['), int64(s.length), 10)
		p.text = append(p.text, ']')
	case kindMap:
		p.text = append(p.text, "map["...)
		p.print(s.key)
		p.text = append(p.text, ']')
	case kindStruct:
		p.printStruct(s)
	default:
		p.text = append(p.text, s.kind.String()...)
		if s.kind == kindBinary {
			p.text = appendName(append(p.text, ' '), s.name)
		}
	}
	if s.elem != nil {
		p.print(s.elem)
	}
}

func (p *printer) printStruct(s *shape) {
	p.text = append(p.text, "struct"...)
	if s.name != "" {
		p.text = appendName(append(p.text, ' '), s.name)
	}
	p.text = append(p.text, '{')
	for i, f := range s.fields {
		if i > 0 {
			p.text = append(p.text, "; "...)
		}
		p.text = append(appendName(p.text, f.name), ' ')
		p.print(f.shape)
	}
	p.text = append(p.text, '}')
}

// appendName writes a name as it is when the parser can tell where it ends, and quoted otherwise
// (generic types: their names hold brackets, commas and spaces).
func appendName(dst []byte, name string) []byte {
	if name != "" && strings.IndexFunc(name, func(r rune) bool { return !bare(r) }) < 0 {
		return append(dst, name...)
	}
	return strconv.AppendQuote(dst, name)
}

// bare reports whether r may stand in an unquoted name.
func bare(r rune) bool {
	return r != unicode.ReplacementChar &&
		(unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_./-", r))
}
