package codec_test

import (
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

type Pair[A, B any] struct {
	First  A
	Second B
}

type Node struct {
	Val  int64
	Next *Node
}

type Matrix []Matrix

func TestSchemaText(t *testing.T) {
	type addr struct{ City string }
	tests := []struct {
		got  codec.Schema
		want string
	}{
		{codecFor[int64](t).Schema(), "v1 int64"},
		{codecFor[Cents](t).Schema(), "v1 int64"},
		{codecFor[Line](t).Schema(),
			"v1 struct codec_test.Line{SKU string; Price int64; count uint16}"},
		{codecFor[struct {
			At time.Time
			M  map[string][]*bool
			A  [3]byte
			IP netip.Addr
			R  int `flyball:"renamed"`
		}](t).Schema(), "v1 struct{At time; M map[string][]*bool; A [3]uint8; " +
			"IP binary netip.Addr; renamed int}"},
		{codecFor[Node](t).Schema(), "v1 @1=struct codec_test.Node{Val int64; Next *@1}"},
		{codecFor[Matrix](t).Schema(), "v1 @1=[]@1"},
		{codecFor[struct{ A, B addr }](t).Schema(),
			"v1 struct{A @1=struct codec_test.addr{City string}; B @1}"},
		{codecFor[Pair[string, []int]](t).Schema(),
			`v1 struct "codec_test.Pair[string,[]int]"{First string; Second []int}`},
		{codecFor[struct{}](t).Schema(), "v1 struct{}"},
	}
	for _, tt := range tests {
		if got := tt.got.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
		parsed, err := codec.ParseSchema(tt.want)
		if err != nil || parsed.String() != tt.want {
			t.Errorf("ParseSchema(%q): got %q, %v", tt.want, parsed, err)
		}
	}
}

func TestSchemaInJSON(t *testing.T) {
	b, err := json.Marshal(map[string]codec.Schema{"s": codecFor[Node](t).Schema()})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]codec.Schema
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if want := codecFor[Node](t).Schema().String(); got["s"].String() != want {
		t.Errorf("got %s, want %s", got["s"], want)
	}
}

func TestParseSchemaRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "format"},
		{"v2 int64", `format "v2", this build reads v1`},
		{"v1 int65", "unknown type"},
		{"v1 int64 ", "after the end"},
		{"v1 struct{A}", "want a type after field A"},
		{"v1 struct{A int; A int}", "occurs twice"},
		{"v1 struct{A int;}", "want ; or }"},
		{"v1 map[int", "want ]"},
		{"v1 [99999999999]int", "array length"},
		{"v1 []@1", "not defined"},
		{"v1 @1=@1", "unknown type"},
		{"v1 @1=struct{A @1}", "contains itself"},
		{"v1 @1=[2]@1", "contains itself"},
		{"v1 []@1=struct{A @1}", "contains itself"},
		{"v1 struct{A @1=int; B @1=int}", "defined twice"},
		{`v1 struct "x{}`, "quoted name"},
		{"v1 " + strings.Repeat("*", 600) + "int", "nested"},
		{"v1 " + strings.Repeat(" ", 1<<20), "at most"},
	}
	for _, tt := range tests {
		_, err := codec.ParseSchema(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseSchema(%.30q): got %v, want %q", tt.text, err, tt.want)
		}
	}
}

type OrderV1 struct {
	ID     string
	Cents  int32
	Gone   map[string][]*Node
	Rate   float32
	Level  uint8
	Z      complex64
	Unused [2]struct{}
	Lost   []byte
	When   time.Time
	Lines  []Pair[string, int8]
}

type OrderV2 struct {
	Lines []Pair[string, int64] // reordered, and its element widened
	Rate  float64
	ID    string
	Cents int64
	Level int16
	Z     complex128
	Added *string
	When  time.Time
}

func TestReaderEvolves(t *testing.T) {
	old := OrderV1{ID: "a", Cents: math.MinInt32, Rate: 0.1, Level: 255, Z: 1 + 2i,
		Lost:  []byte("x"),
		Gone:  map[string][]*Node{"k": {nil, {1, &Node{2, nil}}}, "": nil},
		Lines: []Pair[string, int8]{{"l", -128}}, When: time.Unix(5, 6).UTC()}
	want := OrderV2{ID: "a", Cents: math.MinInt32, Rate: float64(float32(0.1)), Level: 255,
		Z: 1 + 2i, Lines: []Pair[string, int64]{{"l", -128}}, When: time.Unix(5, 6).UTC()}
	c := codecFor[OrderV1](t)
	b, err := c.Append(nil, &old)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := codec.ParseSchema(c.Schema().String())
	if err != nil {
		t.Fatal(err)
	}
	r, err := codec.Reader[OrderV2](stored)
	if err != nil {
		t.Fatal(err)
	}
	got := OrderV2{Added: new(string)}
	rest, err := r.Decode(append(b, 'r'), &got)
	if err != nil || string(rest) != "r" || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %q, %v, want %+v", got, rest, err, want)
	}
	for n := range b {
		if _, err := r.Decode(b[:n], &got); !errors.Is(err, codec.ErrCorrupt) {
			t.Errorf("cut at %d: got %v, want ErrCorrupt", n, err)
		}
	}
}

func evolve[From, To any](t *testing.T) error {
	t.Helper()
	_, err := codec.Reader[To](codecFor[From](t).Schema())
	return err
}

func TestReaderRefuses(t *testing.T) {
	type renamed struct{ A int64 }
	tests := []struct {
		name string
		err  error
		want string // empty: accepted
	}{
		{"same", evolve[Order, Order](t), ""},
		{"renamed type", evolve[struct{ A int64 }, renamed](t), ""},
		{"int to int64", evolve[int, int64](t), ""},
		{"int64 to int", evolve[int64, int](t), ""},
		{"uint32 to int64", evolve[uint32, int64](t), ""},
		{"recursive", evolve[Node, struct{ Next *Node }](t), ""},
		{"narrower", evolve[int64, int32](t), "int32 was stored as int64 and is now int32"},
		{"sign", evolve[uint64, int64](t), "stored as uint64"},
		{"unsign", evolve[int8, uint16](t), "stored as int8"},
		{"narrower float", evolve[float64, float32](t), "stored as float64"},
		{"string to bytes", evolve[string, []byte](t), "stored as string"},
		{"array length", evolve[[2]int, [3]int](t), "stored as [2]int"},
		{"path", evolve[Order, struct {
			Items []struct{ Price string }
		}](t), "Items[].Price was stored as int64 and is now string"},
		{"other binary", evolve[netip.Addr, netip.Prefix](t), "stored as binary netip.Addr"},
		{"time", evolve[time.Time, int64](t), "stored as time"},
		{"pointer", evolve[*int, int](t), "stored as *int"},
	}
	for _, tt := range tests {
		if got := tt.err; tt.want == "" && got != nil ||
			tt.want != "" && (got == nil || !strings.Contains(got.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, got, tt.want)
		}
	}
	if _, err := codec.Reader[int](codec.Schema{}); err == nil {
		t.Error("empty schema: got nil, want an error")
	}
}

func TestStructOf(t *testing.T) {
	type line struct{ SKU string }
	type both struct {
		A line
		B []line
	}
	ca, err := codec.For[line]()
	if err != nil {
		t.Fatal(err)
	}
	cb, err := codec.For[[]line]()
	if err != nil {
		t.Fatal(err)
	}
	parts := []codec.Part{{Name: "A", Schema: ca.Schema()}, {Name: "B", Schema: cb.Schema()}}
	s := codec.StructOf("codec_test.both", parts...)
	stored, err := codec.ParseSchema(s.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := codec.Reader[both](stored); err != nil {
		t.Errorf("read a struct put together as %v: %v", s, err)
	}
	got := stored.Parts()
	if len(got) != 2 || got[1].Name != "B" || got[1].Schema.String() != cb.Schema().String() {
		t.Errorf("parts of %v: got %v", s, got)
	}
	if p := cb.Schema().Parts(); p != nil {
		t.Errorf("parts of a slice: got %v, want none", p)
	}
}
