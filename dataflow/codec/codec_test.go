package codec_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

type Cents int64

type Line struct {
	SKU   string
	Price Cents
	count uint16
}

type Order struct {
	ID       string
	Customer string
	Total    Cents
	Items    []Line
	At       int64
	Paid     bool
	Note     *string
	scratch  int `flyball:"-"`
}

type Scalars struct {
	B    bool
	I    int
	I8   int8
	I16  int16
	I32  int32
	I64  int64
	U    uint
	U8   uint8
	U16  uint16
	U32  uint32
	U64  uint64
	F32  float32
	F64  float64
	C64  complex64
	C128 complex128
	S    string
	D    time.Duration
}

type Deep struct {
	Raw    []byte
	Digest [4]byte
	Grid   [2][3]int16
	Bools  []bool
	Counts map[string]int64
	Seen   map[int16]struct{}
	Nested map[string]map[uint8][]string
	Ptr    **int32
	Anon   struct{ X, Y float64 }
	Empty  struct{}
	Units  []struct{}
}

type Tree struct {
	Name string
	Kids []Tree
	Up   *Tree
	By   map[string]Tree
}

// codecFor fails the test if T has no codec.
func codecFor[T any](t testing.TB) codec.Codec[T] {
	t.Helper()
	c, err := codec.For[T]()
	if err != nil {
		t.Fatalf("For: %v", err)
	}
	return c
}

// roundTrip encodes v behind a prefix, decodes it and returns what came back.
func roundTrip[T any](t testing.TB, c codec.Codec[T], v T) T {
	t.Helper()
	b, err := c.Append([]byte("head"), &v)
	if err != nil {
		t.Fatalf("Append(%+v): %v", v, err)
	}
	if string(b[:4]) != "head" {
		t.Fatalf("Append changed the bytes before: %q", b[:4])
	}
	var got T
	rest, err := c.Decode(append(b[4:], "tail"...), &got)
	if err != nil {
		t.Fatalf("Decode(%x) of %+v: %v", b[4:], v, err)
	}
	if string(rest) != "tail" {
		t.Fatalf("Decode(%x): rest %q, want %q", b[4:], rest, "tail")
	}
	return got
}

func property[T any](name string) func(*testing.T) {
	return func(t *testing.T) {
		c := codecFor[T](t)
		same := func(v T) bool {
			first, _ := c.Append(nil, &v)
			got := roundTrip(t, c, v)
			again, _ := c.Append(nil, &got)
			return reflect.DeepEqual(got, v) && bytes.Equal(first, again)
		}
		if err := quick.Check(same, &quick.Config{MaxCount: 200}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRoundTripProperty(t *testing.T) {
	t.Run("int64", property[int64]("int64"))
	t.Run("uint32", property[uint32]("uint32"))
	t.Run("float64", property[float64]("float64"))
	t.Run("string", property[string]("string"))
	t.Run("bytes", property[[]byte]("bytes"))
	t.Run("cents", property[Cents]("cents"))
	t.Run("scalars", property[Scalars]("scalars"))
	t.Run("deep", property[struct {
		Raw    []byte
		Digest [4]byte
		Grid   [2][3]int16
		Counts map[string]int64
		Nested map[string]map[uint8][]string
		Ptr    **int32
	}]("deep"))
}

func TestRoundTrip(t *testing.T) {
	note, n := "left at door", int32(-7)
	pn := &n
	order := Order{ID: "a", Total: -5, Items: []Line{{"x", 3, 65535}, {}}, Paid: true, Note: &note}
	if got := roundTrip(t, codecFor[Order](t), order); !reflect.DeepEqual(got, order) {
		t.Errorf("order: got %+v, want %+v", got, order)
	}
	for _, want := range []Deep{
		{},
		{Raw: []byte{}, Bools: []bool{}, Counts: map[string]int64{}, Units: make([]struct{}, 3)},
		{Bools: []bool{true, false}, Seen: map[int16]struct{}{-1: {}, 300: {}}, Ptr: &pn,
			Grid: [2][3]int16{{1, 2, 3}, {-1, -2, -3}}},
	} {
		if got := roundTrip(t, codecFor[Deep](t), want); !reflect.DeepEqual(got, want) {
			t.Errorf("deep: got %+v, want %+v", got, want)
		}
	}
	kids := []Tree{{Name: "b", Up: &Tree{Name: "c"}}, {}, {}, {}, {}, {Name: "z"}}
	tree := Tree{Name: "a", Kids: kids, By: map[string]Tree{"k": {Name: "d"}}}
	if got := roundTrip(t, codecFor[Tree](t), tree); !reflect.DeepEqual(got, tree) {
		t.Errorf("tree: got %+v, want %+v", got, tree)
	}
}

// Behind the array its element's program is still being compiled.
type Quad struct {
	Kids [][2]Quad
	N    int
}

func TestArrayOfItself(t *testing.T) {
	want := Quad{Kids: [][2]Quad{{{N: 1}, {N: 2}}}, N: 3}
	if got := roundTrip(t, codecFor[Quad](t), want); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The bytes are stored: format version 1 never changes.
func TestFormatBytes(t *testing.T) {
	note := "n"
	v := struct {
		B  bool
		I8 int8
		I  int
		U  uint16
		F  float32
		G  float64
		S  string
		At time.Time
		L  []int16
		N  []int
		M  map[string]uint8
		P  *string
		Q  *int
		A  [2]byte
		X  struct{ Y []byte }
		IP netip.Addr
	}{true, -2, -65, 300, 1, -2, "hi", time.Unix(1, 5), []int16{1, -1}, nil,
		map[string]uint8{"b": 2, "a": 1}, &note, nil, [2]byte{8, 9},
		struct{ Y []byte }{[]byte("z")},
		netip.AddrFrom4([4]byte{10, 0, 0, 1})}
	want := "01" + "fe" + "8101" + "ac02" + "0000803f" + "00000000000000c0" + "026869" + "0205" +
		"030201" + "00" + "03" + "016101" + "016202" + "01016e" +
		"00" + "0809" + "027a" + "040a000001"
	b, err := codecOf(t, v).Append(nil, &v)
	if got := hex.EncodeToString(b); err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// codecOf is codecFor for types without a name.
func codecOf[T any](t testing.TB, _ T) codec.Codec[T] { return codecFor[T](t) }

func TestLeftOutFieldIsZero(t *testing.T) {
	if got := roundTrip(t, codecFor[Order](t), Order{ID: "a", scratch: 9}); got.scratch != 0 {
		t.Errorf("scratch: got %d, want 0", got.scratch)
	}
}

func TestDecodeReplacesTheWholeValue(t *testing.T) {
	c := codecFor[Order](t)
	b, err := c.Append(nil, &Order{ID: "new"})
	if err != nil {
		t.Fatal(err)
	}
	got := Order{Customer: "old", Items: []Line{{}}, scratch: 4}
	if _, err := c.Decode(b, &got); err != nil || !reflect.DeepEqual(got, Order{ID: "new"}) {
		t.Errorf("got %+v, %v, want only ID", got, err)
	}
}

func TestTime(t *testing.T) {
	type event struct{ At time.Time }
	c := codecFor[event](t)
	for _, at := range []time.Time{
		{}, time.Unix(0, 0), time.Unix(-1, 999_999_999), time.Unix(1<<40, 1),
		time.Date(2026, 3, 1, 12, 0, 0, 5, time.FixedZone("X", 3600)),
		time.Date(-4000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		got := roundTrip(t, c, event{at}).At
		if !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("got %v, want %v in UTC", got, at)
		}
	}
	if got := roundTrip(t, c, event{}); got != (event{}) {
		t.Errorf("zero time: got %#v", got)
	}
}

// price writes itself: a currency letter and an amount.
type price struct {
	currency byte
	amount   any // would be refused
}

func (p *price) MarshalBinary() ([]byte, error) {
	amount, ok := p.amount.(uint32)
	if !ok {
		return nil, errors.New("no amount")
	}
	return binary.BigEndian.AppendUint32([]byte{p.currency}, amount), nil
}

func (p *price) UnmarshalBinary(b []byte) error {
	p.currency, p.amount = b[0], binary.BigEndian.Uint32(b[1:]) // panics on short input
	return nil
}

// blob appends itself, at any length.
type blob struct{ body string }

func (b blob) AppendBinary(dst []byte) ([]byte, error)  { return append(dst, b.body...), nil }
func (b blob) MarshalBinary() ([]byte, error)           { return b.AppendBinary(nil) }
func (b *blob) UnmarshalBinary(data []byte) (err error) { b.body = string(data); return nil }

func TestTypesThatEncodeThemselves(t *testing.T) {
	type quote struct {
		P     price
		Next  *price
		Addr  netip.Addr
		Parts []blob
	}
	c := codecFor[quote](t)
	want := quote{price{'E', uint32(7)}, &price{'$', uint32(9)}, netip.MustParseAddr("10.0.0.1"),
		[]blob{{""}, {strings.Repeat("x", 127)},
			{strings.Repeat("y", 128)}, {strings.Repeat("z", 20_000)}}}
	if got := roundTrip(t, c, want); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	dst := []byte("kept")
	b, err := c.Append(dst, &quote{})
	if err == nil || string(b) != "kept" ||
		!strings.Contains(err.Error(), "encode quote.P: no amount") {
		t.Errorf("Append: got %q, %v", b, err)
	}
	var got quote
	if _, err := c.Decode([]byte{1, 'E', 0}, &got); !errors.Is(err, codec.ErrCorrupt) {
		t.Errorf("Decode of a panicking type: got %v, want ErrCorrupt", err)
	}
}

func TestEmbeddedMarshalerKeepsTheOtherFields(t *testing.T) {
	type stamped struct {
		blob
		N int
	}
	want := stamped{blob{"b"}, 5}
	if got := roundTrip(t, codecFor[stamped](t), want); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestMapBytesAreDeterministic(t *testing.T) {
	c := codecFor[map[string]int](t)
	m := map[string]int{}
	for _, k := range strings.Fields("the quick brown fox jumps over a lazy dog z yy xxx") {
		m[k] = len(k)
	}
	first, _ := c.Append(nil, &m)
	for range 20 {
		if b, _ := c.Append(nil, &m); !bytes.Equal(b, first) {
			t.Fatalf("got %x, want %x", b, first)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	loop := &Tree{Name: "a"}
	loop.Up = loop
	if _, err := codecFor[Tree](t).Append(nil, loop); err == nil ||
		!strings.Contains(err.Error(), "cycle") {
		t.Errorf("cycle: got %v", err)
	}
	nan := map[float64]int{math.NaN(): 1}
	nan[math.NaN()] = 2
	if _, err := codecFor[map[float64]int](t).Append(nil, &nan); err == nil ||
		!strings.Contains(err.Error(), "alike") {
		t.Errorf("NaN keys: got %v", err)
	}
}

func TestForRefuses(t *testing.T) {
	type item struct{ Price any }
	type order struct{ Items []item }
	type twice struct {
		A int `flyball:"B"`
		B int
	}
	type hidden struct {
		A int `flyball:"-"`
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"interface", second(codec.For[order]()), "order.Items[].Price: interface {} (interface)"},
		{"func", second(codec.For[map[string]func()]()), "map[string]func()[]: func()"},
		{"chan", second(codec.For[struct{ C chan int }]()), ".C: chan int"},
		{"uintptr", second(codec.For[*uintptr]()), "uintptr"},
		{"same name", second(codec.For[twice]()), `twice: fields A and B are both recorded as "B"`},
		{"time key", second(codec.For[map[time.Time]int]()), "[key]: time.Time cannot be part"},
		{"pointer key", second(codec.For[map[[2]*int]int]()), "[key][]: *int cannot be part"},
		{"hidden key", second(codec.For[map[hidden]int]()), "[key].A: int cannot be part of a key"},
		{"no bytes", second(codec.For[[]hidden]()), "take memory but no bytes"},
	}
	for _, tt := range tests {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, tt.err, tt.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestDecodeNamesThePath(t *testing.T) {
	c := codecFor[Order](t)
	b, err := c.Append(nil, &Order{Items: []Line{{SKU: "x"}, {SKU: "y"}}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		cut  int
		want string
	}{{0, "decode Order.ID: "}, {3, "decode Order.Items[]: "}, {10, "decode Order.Items[].Price: "}}
	for _, tt := range tests {
		var v Order
		_, err := c.Decode(b[:tt.cut], &v)
		if !errors.Is(err, codec.ErrCorrupt) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("cut at %d: got %v, want %q", tt.cut, err, tt.want)
		}
	}
}

func TestDecodeRefusesHostileBytes(t *testing.T) {
	type small struct {
		I int16
		B bool
	}
	huge := binary.AppendUvarint(nil, math.MaxUint64)
	check := func(name string, err error) {
		if !errors.Is(err, codec.ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", name, err)
		}
	}
	check("count", decode[[]int64](t, huge))
	check("map count", decode[map[string]int](t, huge))
	check("string", decode[string](t, huge))
	check("units", decode[[]struct{}](t, huge))
	check("range", decode[small](t, []byte{0x80, 0x80, 0x04, 0}))
	check("bool", decode[small](t, []byte{0, 2}))
	check("twice", decode[map[uint8]bool](t, []byte{3, 1, 0, 1, 1}))
	check("nanos", decode[time.Time](t, binary.AppendUvarint([]byte{0}, 1e9)))
	check("varint", decode[int](t, bytes.Repeat([]byte{0xff}, 11)))
	check("deep", decode[Tree](t, bytes.Repeat([]byte{0, 0, 1}, 20_000)))
}

func decode[T any](t *testing.T, b []byte) error {
	t.Helper()
	var v T
	_, err := codecFor[T](t).Decode(b, &v)
	return err
}

func TestAppendDoesNotAllocate(t *testing.T) {
	c, v := codecFor[Scalars](t), Scalars{S: "abc", I64: 1 << 60, F32: 1}
	buf := make([]byte, 0, 256)
	n := testing.AllocsPerRun(100, func() {
		if _, err := c.Append(buf, &v); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}
