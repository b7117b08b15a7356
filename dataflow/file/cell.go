package file

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// A cell sets one field of the decoder's record.
type cell struct {
	column *column
	set    func(text []byte) error
}

func (d *csvDecoder[T]) cell(c *column) cell {
	field := reflect.ValueOf(&d.record).Elem().FieldByIndex(c.index)
	return cell{c, setter(field, c)}
}

func setter(field reflect.Value, c *column) func([]byte) error {
	switch c.kind {
	case kindTime:
		return timeSetter(field.Addr().Interface().(*time.Time), c.layout)
	case kindText:
		return field.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText
	case reflect.String:
		return stringSetter(field)
	case reflect.Bool:
		return func(b []byte) error {
			v, err := strconv.ParseBool(string(b))
			if err != nil {
				return numberError(b, "true or false", err)
			}
			field.SetBool(v)
			return nil
		}
	case reflect.Float32, reflect.Float64:
		bits := field.Type().Bits()
		return func(b []byte) error {
			if v, ok := smallInt(b); ok && v != 0 && len(b) <= 15 { // exact; -0 is not
				field.SetFloat(float64(v))
				return nil
			}
			v, err := strconv.ParseFloat(string(b), bits)
			if err != nil {
				return numberError(b, "a number", err)
			}
			field.SetFloat(v)
			return nil
		}
	}
	if field.CanInt() {
		return intSetter(field)
	}
	return uintSetter(field)
}

func numberError(b []byte, want string, err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%q is out of the field's range", b)
	}
	if len(b) == 0 {
		return fmt.Errorf("empty, want %s; tag the field optional to read it as zero", want)
	}
	return fmt.Errorf("%q is not %s", b, want)
}

func intSetter(field reflect.Value) func([]byte) error {
	bits := field.Type().Bits()
	return func(b []byte) error {
		v, ok := smallInt(b)
		if !ok || bits < 64 && v != v<<(64-bits)>>(64-bits) {
			var err error
			if v, err = strconv.ParseInt(string(b), 10, bits); err != nil {
				return numberError(b, "an integer", err)
			}
		}
		field.SetInt(v)
		return nil
	}
}

// smallInt parses up to 18 decimal digits and a minus sign.
func smallInt(b []byte) (v int64, ok bool) {
	digits := b
	if len(b) > 1 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, false
		}
		v = 10*v + int64(c)
	}
	if len(digits) < len(b) {
		v = -v
	}
	return v, true
}

func uintSetter(field reflect.Value) func([]byte) error {
	bits := field.Type().Bits()
	return func(b []byte) error {
		v, err := strconv.ParseUint(string(b), 10, bits)
		if err != nil {
			return numberError(b, "a non-negative integer", err)
		}
		field.SetUint(v)
		return nil
	}
}

// stringSetter shares equal short texts: columns often hold the same few.
func stringSetter(field reflect.Value) func([]byte) error {
	var known interned
	return func(b []byte) error {
		field.SetString(known.get(b))
		return nil
	}
}

// interned remembers recent strings by a hash of their bytes.
type interned [1024]string

const maxInterned = 32

func (t *interned) get(b []byte) string {
	if len(b) == 0 || len(b) > maxInterned {
		return string(b)
	}
	h := uint32(2166136261) // FNV-1a
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	slot := &t[(h^h>>16)%uint32(len(t))]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// layouts are tried in turn when a field names none.
var layouts = []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"}

// timeSetter parses times; those without a zone are UTC. Neighbouring records
// often have the same time, which is then not parsed again, and files have
// one layout, which is tried first.
func timeSetter(field *time.Time, layout string) func([]byte) error {
	try := layouts
	if layout != "" {
		try = []string{layout}
	}
	best := 0
	var last string
	var at time.Time
	return func(b []byte) error {
		if last != "" && last == string(b) {
			*field = at
			return nil
		}
		text := string(b)
		for i := range try {
			n := (best + i) % len(try)
			if t, err := time.Parse(try[n], text); err == nil {
				best, last, at = n, text, t
				*field = t
				return nil
			}
		}
		if layout == "" {
			return fmt.Errorf("%q is not a time such as %s; give the field a layout tag", b, layouts[0])
		}
		return fmt.Errorf("%q is not a time of the layout %q", b, layout)
	}
}
