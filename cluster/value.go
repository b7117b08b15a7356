package cluster

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// parse puts what text says into the field.
func (p *param) parse(text string) error {
	switch v := p.value.Addr().Interface().(type) {
	case *time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return errors.New("want a duration such as 10s or 1h30m")
		}
		*v = d
		return nil
	case *time.Time:
		t, err := parseTime(text)
		if err != nil {
			return err
		}
		*v = t
		return nil
	case encoding.TextUnmarshaler:
		return v.UnmarshalText([]byte(text))
	}
	return p.parseKind(text)
}

func (p *param) parseKind(text string) error {
	switch v := p.value; v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("want true or false")
		}
		v.SetBool(b)
	case reflect.Slice:
		p.parseList(text)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil {
			return numberError(err, "want a number")
		}
		v.SetFloat(f)
	default:
		return p.parseInt(text)
	}
	return nil
}

func (p *param) parseInt(text string) error {
	if p.value.CanUint() {
		n, err := strconv.ParseUint(text, 0, p.value.Type().Bits())
		if err != nil {
			return numberError(err, "want a whole number, 0 or more")
		}
		p.value.SetUint(n)
		return nil
	}
	n, err := strconv.ParseInt(text, 0, p.value.Type().Bits())
	if err != nil {
		return numberError(err, "want a whole number")
	}
	p.value.SetInt(n)
	return nil
}

func numberError(err error, want string) error {
	if errors.Is(err, strconv.ErrRange) {
		return errRange
	}
	return errors.New(want)
}

func (p *param) parseList(text string) {
	if !p.set {
		p.value.SetZero()
	}
	for item := range strings.SplitSeq(text, ",") {
		if item != "" {
			p.value.Set(reflect.Append(p.value, reflect.ValueOf(item).Convert(p.value.Type().Elem())))
		}
	}
}

// String is the value as it would be written on the command line; zero values
// of types that have no useful zero are empty.
func (p *param) String() string {
	if p == nil || !p.value.IsValid() {
		return ""
	}
	switch v := p.value.Addr().Interface().(type) {
	case *time.Duration:
		return shortDuration(*v)
	case *time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format(time.RFC3339)
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		if err != nil {
			return ""
		}
		return string(text)
	}
	if p.value.Kind() == reflect.Slice {
		items := make([]string, p.value.Len())
		for i := range items {
			items[i] = p.value.Index(i).String()
		}
		return strings.Join(items, ",")
	}
	return fmt.Sprint(p.value.Interface())
}

// shortDuration writes d without the zero units: 10m, not 10m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Get returns the value.
func (p *param) Get() any { return p.value.Interface() }

// IsBoolFlag lets a switch stand without a value.
func (p *param) IsBoolFlag() bool { return p.kind == "bool" }
