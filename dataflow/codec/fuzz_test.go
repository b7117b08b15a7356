package codec_test

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// fuzzed has every kind of part.
type fuzzed struct {
	S  Scalars
	D  Deep
	T  Tree
	At time.Time
	IP netip.Addr
	P  *Pair[float32, []map[string]bool]
	M  Matrix
}

// total decodes b as a T. What decodes must encode, and then decode to the same again.
func total[T any](t *testing.T, b []byte) {
	c := codecFor[T](t)
	var v T
	rest, err := c.Decode(b, &v)
	if err != nil {
		if !errors.Is(err, codec.ErrCorrupt) {
			t.Fatalf("%T: Decode(%x): got %v, want ErrCorrupt", v, b, err)
		}
		return
	}
	if !bytes.HasSuffix(b, rest) {
		t.Fatalf("%T: Decode(%x): rest %x is no suffix", v, b, rest)
	}
	first, err := c.Append(nil, &v)
	if err != nil {
		t.Fatalf("%T: Append of what %x decodes to: %v", v, b, err)
	}
	var w T
	if rest, err = c.Decode(first, &w); err != nil || len(rest) > 0 {
		t.Fatalf("%T: Decode(%x) again: rest %x, %v", v, first, rest, err)
	}
	if again, err := c.Append(nil, &w); err != nil || !bytes.Equal(first, again) {
		t.Fatalf("%T: Append again: got %x, %v, want %x", v, again, err, first)
	}
}

func FuzzDecode(f *testing.F) {
	c := codecFor[fuzzed](f)
	for _, v := range []fuzzed{
		{},
		{T: Tree{Name: "a", Kids: []Tree{{}, {Name: "b"}}, By: map[string]Tree{"k": {}}},
			D: Deep{Counts: map[string]int64{"a": 1, "b": 2}}, IP: netip.MustParseAddr("1.2.3.4")},
	} {
		b, err := c.Append(nil, &v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		total[fuzzed](t, b)
		total[Order](t, b)
		total[Tree](t, b)
		total[map[int16]map[uint8]string](t, b)
		total[[]Pair[time.Time, complex64]](t, b)
		total[Matrix](t, b)
		total[netip.Addr](t, b)
		total[int](t, b)
		total[string](t, b)
		total[OrderV1](t, b)
	})
}

func FuzzParseSchema(f *testing.F) {
	for _, s := range []codec.Schema{
		codecFor[fuzzed](f).Schema(), codecFor[Order](f).Schema(), codecFor[OrderV1](f).Schema(),
	} {
		f.Add(s.String(), []byte{1, 2, 3})
	}
	f.Add("v1 @1=struct{A *@1; B @2=[]@1; C [3]@2}", []byte{1, 0, 2})
	f.Add("v1 struct{A [2147483647][2147483647]struct{}; Lost [9]bool}", []byte{1})
	f.Fuzz(func(t *testing.T, text string, b []byte) {
		s, err := codec.ParseSchema(text)
		if err != nil {
			return
		}
		again, err := codec.ParseSchema(s.String())
		if err != nil || again.String() != s.String() {
			t.Fatalf("ParseSchema(%q) of %q: got %q, %v", s.String(), text, again, err)
		}
		skipAll(t, s, b)
		if r, err := codec.Reader[OrderV2](s); err == nil {
			var v OrderV2
			_, _ = r.Decode(b, &v)
		}
	})
}

// skipAll reads b into a struct without fields, which skips all that a stored struct has.
func skipAll(t *testing.T, s codec.Schema, b []byte) {
	r, err := codec.Reader[struct{}](s)
	if err != nil {
		return
	}
	if _, err := r.Decode(b, new(struct{})); err != nil && !errors.Is(err, codec.ErrCorrupt) {
		t.Fatalf("skip %x of %q: got %v, want ErrCorrupt", b, s, err)
	}
}

// TestDecodeMemory feeds bytes in which every level of a recursive value claims as many elements as
// bytes are left.
func TestDecodeMemory(t *testing.T) {
	c := codecFor[Matrix](t)
	for _, b := range [][]byte{
		bytes.Repeat([]byte{0x7f}, 100_000),
		bytes.Repeat([]byte{0xff, 0xff, 0x01}, 30_000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var v Matrix
		if _, err := c.Decode(b, &v); err == nil {
			t.Fatal("got nil, want an error")
		}
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(200*len(b)); got > most {
			t.Errorf("decoding %d bytes allocated %d, want at most %d", len(b), got, most)
		}
	}
}

func TestDecodedValuesOwnTheirMemory(t *testing.T) {
	c := codecFor[fuzzed](t)
	want := fuzzed{S: Scalars{S: "scalar"}, D: Deep{Raw: []byte("raw"),
		Counts: map[string]int64{"key": 1}}, T: Tree{Name: "tree", Kids: []Tree{{Name: "kid"}}}}
	b, err := c.Append(nil, &want)
	if err != nil {
		t.Fatal(err)
	}
	var got fuzzed
	if _, err := c.Decode(b, &got); err != nil {
		t.Fatal(err)
	}
	clear(b)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("after the input changed: got %+v, want %+v", got, want)
	}
}
