package cluster

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
)

type path string

type bounds struct{ Low, High float32 }

// Common is embedded, so its fields keep their names.
type Common struct {
	Verbose bool `help:"say more"`
}

type allTypes struct {
	Common
	InPath   path          `flag:"in" help:"where from" default:"a.txt"`
	HTTPAddr netip.Addr    `default:"127.0.0.1"`
	MaxSize  int64         `default:"10"`
	Small    int8          `default:"-3"`
	Count    uint16        `default:"7"`
	Ratio    float64       `default:"0.5"`
	Every    time.Duration `default:"90s"`
	Since    time.Time     `default:"2008-01-02"`
	Tags     []string      `default:"a,b"`
	Range    bounds
	Skipped  func() `flag:"-"`
	hidden   int
}

func byName(t *testing.T, list []*param, name string) *param {
	t.Helper()
	for _, p := range list {
		if p.name == name {
			return p
		}
	}
	t.Fatalf("there is no flag -%s", name)
	return nil
}

func TestParams(t *testing.T) {
	v := allTypes{hidden: 1}
	list, err := paramsOf(&v)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, strings.TrimSpace(fmt.Sprintf("-%s %s = %s", p.name, p.kind, p)))
	}
	want := []string{
		"-verbose bool = false", "-in string = a.txt", "-http-addr value = 127.0.0.1",
		"-max-size int = 10", "-small int = -3", "-count int = 7", "-ratio number = 0.5",
		"-every duration = 1m30s", "-since time = 2008-01-02T00:00:00Z", "-tags strings = a,b",
		"-range-low number = 0", "-range-high number = 0",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestParamSet(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"in", "b.txt", "b.txt"},
		{"http-addr", "::1", "::1"},
		{"http-addr", "x", "error: ParseAddr(\"x\"): unable to parse IP"},
		{"max-size", "0x10", "16"},
		{"max-size", "ten", "error: want a whole number"},
		{"small", "128", "error: the number is out of range"},
		{"count", "-1", "error: want a whole number, 0 or more"},
		{"count", "65536", "error: the number is out of range"},
		{"ratio", "1e3", "1000"},
		{"ratio", "half", "error: want a number"},
		{"every", "1h", "1h"},
		{"every", "10", "error: want a duration such as 10s or 1h30m"},
		{"since", "2008-01-02T03:04:05+02:00", "2008-01-02T03:04:05+02:00"},
		{"since", "2008-01-02 03:04:05", "2008-01-02T03:04:05Z"},
		{"since", "yesterday", "error: want a time such as 2006-01-02 or 2006-01-02T15:04:05Z"},
		{"tags", "c,,d", "c,d"},
		{"verbose", "true", "true"},
		{"verbose", "ja", "error: want true or false"},
	} {
		var v allTypes
		list, err := paramsOf(&v)
		if err != nil {
			t.Fatal(err)
		}
		p := byName(t, list, c.name)
		got := ""
		if err := p.Set(c.text); err != nil {
			got = "error: " + err.Error()
		} else {
			got = p.String()
		}
		if got != c.want {
			t.Errorf("-%s %s: got %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestListGrows(t *testing.T) {
	var v allTypes
	list, err := paramsOf(&v)
	if err != nil {
		t.Fatal(err)
	}
	p := byName(t, list, "tags")
	_, _ = p.Set("x"), p.Set("y,z")
	if want := []string{"x", "y", "z"}; !reflect.DeepEqual(v.Tags, want) {
		t.Errorf("got %q, want %q: the first value replaces the default", v.Tags, want)
	}
}

func TestParamErrors(t *testing.T) {
	define := func(f *dataflow.Flow) *dataflow.Flow { return f }
	for _, c := range []struct {
		flow *dataflow.Flow
		want string
	}{
		{define(flowOf[int]()), `flow "f": parameters are a int, want a struct`},
		{flowOf[struct{ M map[string]int }](), `flow "f": field M: a map[string]int cannot be a flag`},
		{flowOf[struct{ A struct{ P *int } }](), `flow "f": field A.P: a *int cannot be a flag`},
		{flowOf[struct{ C chan int }](), `flow "f": field C: a chan int cannot be a flag`},
		{flowOf[struct{ L []int }](), `flow "f": field L: a []int cannot be a flag`},
		{flowOf[struct {
			N int `default:"x"`
		}](), `flow "f": field N: the default "x": want a whole number`},
		{flowOf[struct{ State string }](), `flow "f": field State: the flag -state is Flyball's own`},
		{flowOf[struct{ Format string }](), `flow "f": field Format: the flag -format is Flyball's own`},
		{flowOf[struct {
			H int `flag:"h"`
		}](), `flow "f": field H: the flag -h is Flyball's own`},
		{flowOf[struct {
			A int `flag:"x"`
			B int `flag:"x"`
		}](), `flow "f": fields A and B: both are the flag -x`},
	} {
		got := try(t, nil, Options{Flows: []*dataflow.Flow{c.flow}}, "plan")
		if got.code != ExitFailure || !strings.Contains(got.stderr, c.want) {
			t.Errorf("exit code %d, stderr %q, want %q", got.code, got.stderr, c.want)
		}
	}
}

func flowOf[P any]() *dataflow.Flow {
	return dataflow.Define("f", dataflow.BestEffort, func(*dataflow.Graph, P) {})
}

func TestKebab(t *testing.T) {
	for in, want := range map[string]string{
		"In": "in", "InPath": "in-path", "HTTPAddr": "http-addr", "UseHTTP": "use-http",
		"MaxID2": "max-id2", "A": "a", "ÄhnlichKeit": "ähnlich-keit",
	} {
		if got := kebab(in); got != want {
			t.Errorf("kebab(%q): got %q, want %q", in, got, want)
		}
	}
}
