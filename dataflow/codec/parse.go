package codec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a schema text: it comes from disk, and reading it must not exhaust memory or stack.
const (
	maxSchemaText  = 1 << 20
	maxSchemaDepth = 500
)

// ParseSchema reads what Schema.String wrote. Errors name the position in the text.
func ParseSchema(text string) (Schema, error) {
	if len(text) > maxSchemaText {
		return Schema{}, fmt.Errorf("codec: parse schema: %d bytes of text, %d at most",
			len(text), maxSchemaText)
	}
	p := schemaParser{text: text, labels: map[string]*label{}}
	s, err := p.schema()
	if err != nil {
		return Schema{}, fmt.Errorf("codec: parse schema: at byte %d: %w", p.pos, err)
	}
	return Schema{root: s}, nil
}

// schemaParser is a recursive-descent parser over
//
//	schema = "v1 " type
//	type   = [ "@" n "=" ] shape | "@" n
//	shape  = scalar | "binary " name | "*" type | "[]" type | "[" n "]" type
//	       | "map[" type "]" type | "struct" [ " " name ] "{" [ field { "; " field } ] "}"
//	field  = name " " type
type schemaParser struct {
	text   string
	pos    int
	depth  int // nested types
	heap   int // of them, pointers, slices and maps
	labels map[string]*label
}

type label struct {
	shape *shape
	heap  int  // the parser's heap where the label stands
	open  bool // the labelled type is still being read
}

func (p *schemaParser) schema() (*shape, error) {
	version, ok := p.cut(" ")
	if !ok || version != "v"+strconv.Itoa(FormatVersion) {
		return nil, fmt.Errorf("format %.10q, this build reads v%d: "+
			"restore with the build that wrote it", version, FormatVersion)
	}
	s, err := p.typ()
	if err == nil && p.pos < len(p.text) {
		err = fmt.Errorf("%.20q after the end", p.text[p.pos:])
	}
	return s, err
}

// typ reads a type. A type inside itself must be behind a pointer, a slice or a map.
func (p *schemaParser) typ() (*shape, error) {
	if p.depth++; p.depth > maxSchemaDepth {
		return nil, fmt.Errorf("types nested over %d levels", maxSchemaDepth)
	}
	defer func() { p.depth-- }()
	s := new(shape)
	if !p.take("@") {
		return s, p.shape(s)
	}
	n := p.digits()
	if !p.take("=") {
		l := p.labels[n]
		if l == nil {
			return nil, fmt.Errorf("label @%s is not defined", n)
		}
		if l.open && p.heap == l.heap {
			return nil, fmt.Errorf("type @%s contains itself directly", n)
		}
		return l.shape, nil
	}
	if n == "" || p.labels[n] != nil {
		return nil, fmt.Errorf("label @%s is defined twice or empty", n)
	}
	l := &label{shape: s, heap: p.heap, open: true}
	p.labels[n] = l
	err := p.shape(s)
	l.open = false
	return s, err
}

// shape reads one type into s.
func (p *schemaParser) shape(s *shape) (err error) {
	switch {
	case p.take("*"):
		s.kind = kindPointer
		s.elem, err = p.beyond()
	case p.take("[]"):
		s.kind = kindSlice
		s.elem, err = p.beyond()
	case p.take("["):
		s.kind = kindArray
		if s.length, err = p.length(); err == nil {
			s.elem, err = p.typ()
		}
	case p.take("map["):
		return p.mapping(s)
	case p.take("binary "):
		s.kind = kindBinary
		s.name, err = p.name()
	case p.take("struct"):
		return p.structure(s)
	default:
		return p.scalar(s)
	}
	return err
}

// beyond reads a type that lies behind an indirection.
func (p *schemaParser) beyond() (*shape, error) {
	p.heap++
	defer func() { p.heap-- }()
	return p.typ()
}

func (p *schemaParser) mapping(s *shape) (err error) {
	s.kind = kindMap
	if s.key, err = p.beyond(); err != nil {
		return err
	}
	if !p.take("]") {
		return fmt.Errorf("want ] after the map's key")
	}
	s.elem, err = p.beyond()
	return err
}

func (p *schemaParser) structure(s *shape) (err error) {
	s.kind = kindStruct
	if p.take(" ") {
		if s.name, err = p.name(); err != nil {
			return err
		}
	}
	if !p.take("{") {
		return fmt.Errorf("want { after struct %s", s.name)
	}
	for seen := map[string]bool{}; !p.take("}"); {
		if len(seen) > 0 && !p.take("; ") {
			return fmt.Errorf("want ; or } after a field of struct %s", s.name)
		}
		var f field
		if f.name, err = p.name(); err != nil {
			return err
		}
		if seen[f.name] {
			return fmt.Errorf("field %s occurs twice in struct %s", f.name, s.name)
		}
		seen[f.name] = true
		if !p.take(" ") {
			return fmt.Errorf("want a type after field %s", f.name)
		}
		if f.shape, err = p.typ(); err != nil {
			return err
		}
		s.fields = append(s.fields, f)
	}
	return nil
}

func (p *schemaParser) scalar(s *shape) error {
	start := p.pos
	for p.pos < len(p.text) && (p.text[p.pos] >= 'a' && p.text[p.pos] <= 'z' ||
		p.text[p.pos] >= '0' && p.text[p.pos] <= '9') {
		p.pos++
	}
	for k := kindBool; k <= kindTime; k++ {
		if kindNames[k] == p.text[start:p.pos] {
			s.kind = k
			return nil
		}
	}
	return fmt.Errorf("unknown type %.20q", p.text[start:])
}

// name reads a name, quoted or not.
func (p *schemaParser) name() (string, error) {
	rest := p.text[p.pos:]
	if strings.HasPrefix(rest, `"`) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return "", fmt.Errorf("quoted name: %w", err)
		}
		p.pos += len(quoted)
		return strconv.Unquote(quoted)
	}
	n := 0
	for n < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[n:])
		if !bare(r) {
			break
		}
		n += size
	}
	if n == 0 {
		return "", fmt.Errorf("want a name at %.20q", rest)
	}
	p.pos += n
	return rest[:n], nil
}

func (p *schemaParser) length() (int, error) {
	n, err := strconv.ParseUint(p.digits(), 10, 64)
	if err != nil || n > math.MaxInt32 {
		return 0, fmt.Errorf("array length missing or over %d", math.MaxInt32)
	}
	if !p.take("]") {
		return 0, fmt.Errorf("want ] after the array's length")
	}
	return int(n), nil
}

func (p *schemaParser) digits() string {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
	}
	return p.text[start:p.pos]
}

// take consumes prefix if the text goes on with it.
func (p *schemaParser) take(prefix string) bool {
	if !strings.HasPrefix(p.text[p.pos:], prefix) {
		return false
	}
	p.pos += len(prefix)
	return true
}

// cut consumes the text up to and including sep.
func (p *schemaParser) cut(sep string) (string, bool) {
	before, _, ok := strings.Cut(p.text[p.pos:], sep)
	if ok {
		p.pos += len(before) + len(sep)
	}
	return before, ok
}
