package cluster

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// A param is one field of a struct as a flag: its name, what is said of it,
// and where its value goes. It is a [cli.Value].
type param struct {
	name  string // kebab case
	field string // path of the field, for errors
	help  string
	kind  string // what to write in place of the value, such as "duration"
	text  string // the default, as it would be written on the command line
	value reflect.Value
	set   bool // by the environment or the command line
}

// paramsOf lists the exported fields of the struct that ptr points to, those
// of nested structs with their field's name before them, and gives each the
// default of its tag.
func paramsOf(ptr any) ([]*param, error) {
	v := reflect.ValueOf(ptr).Elem()
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("parameters are a %v, want a struct", v.Type())
	}
	return appendParams(nil, v, "", "")
}

func appendParams(to []*param, v reflect.Value, prefix, path string) ([]*param, error) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Tag.Get("flag") == "-" {
			continue
		}
		p := &param{
			name: prefix + flagName(f), field: path + f.Name, help: f.Tag.Get("help"),
			value: v.Field(i),
		}
		var err error
		if p.kind = kindOf(f.Type); p.kind == "" && f.Type.Kind() == reflect.Struct {
			inner := p.name + "-"
			if f.Anonymous && f.Tag.Get("flag") == "" {
				inner = prefix
			}
			to, err = appendParams(to, v.Field(i), inner, p.field+".")
		} else if err = p.init(f); err == nil {
			to = append(to, p)
		}
		if err != nil {
			return nil, err
		}
	}
	return to, nil
}

// init checks the field's type and applies the default of its tag.
func (p *param) init(f reflect.StructField) error {
	if p.kind == "" {
		return fmt.Errorf("field %s: a %v cannot be a flag; use a string, number, bool, "+
			"time.Duration, time.Time, []string or an encoding.TextUnmarshaler, "+
			"or keep it from being one with the tag `flag:\"-\"`", p.field, f.Type)
	}
	if text, ok := f.Tag.Lookup("default"); ok {
		if err := p.Set(text); err != nil {
			return fmt.Errorf("field %s: the default %q: %w", p.field, text, err)
		}
		p.set = false
	}
	p.text = p.String()
	return nil
}

func flagName(f reflect.StructField) string {
	if name := f.Tag.Get("flag"); name != "" {
		return name
	}
	return kebab(f.Name)
}

// kebab writes a Go name in lower case with dashes between its words:
// "HTTPAddr" is "http-addr".
func kebab(name string) string {
	var b strings.Builder
	r := []rune(name)
	for i, c := range r {
		lowerNext := i+1 < len(r) && unicode.IsLower(r[i+1])
		if i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(r[i-1]) || lowerNext) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// env is the environment variable that sets the parameter.
func (p *param) env() string {
	return "FLYBALL_" + strings.ToUpper(strings.ReplaceAll(p.name, "-", "_"))
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// kindOf is the word for values of a type, or "" if it cannot be a flag.
func kindOf(t reflect.Type) string {
	switch {
	case t == durationType:
		return "duration"
	case t == timeType:
		return "time"
	case reflect.PointerTo(t).Implements(textType):
		return "value"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return "strings"
		}
		return ""
	}
	if z := reflect.Zero(t); z.CanInt() || z.CanUint() {
		return "int"
	}
	return ""
}

// Set parses text into the field. A list is replaced by the first call and
// grows with the next ones.
func (p *param) Set(text string) error {
	if err := p.parse(text); err != nil {
		return err
	}
	p.set = true
	return nil
}

// errRange says that a number does not fit its field.
var errRange = errors.New("the number is out of range")

// timeLayouts are the ways to write a time; without a zone it is UTC.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly}

func parseTime(text string) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("want a time such as 2006-01-02 or 2006-01-02T15:04:05Z")
}
