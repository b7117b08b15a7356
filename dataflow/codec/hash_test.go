package codec_test

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

func hash[K comparable](t testing.TB, k K) uint64 {
	t.Helper()
	h, err := codec.HashFor[K]()
	if err != nil {
		t.Fatalf("HashFor: %v", err)
	}
	return h(k)
}

type userKey struct {
	Tenant string
	User   uint32
	Shard  [2]int8
	_      int
}

// The vectors are stored values: a key's group is derived from them. They never change.
func TestHashVectors(t *testing.T) {
	tests := []struct {
		name      string
		got, want uint64
	}{
		{"int 0", hash(t, 0), 0},
		{"int 1", hash(t, 1), 0xb456bcfc34c2cb2c},
		{"int -1", hash(t, -1), 0x64b5720b4b825f21},
		{"uint8", hash(t, uint8(200)), 0xc03963004c36c5d0},
		{"int32", hash(t, int32(-70000)), 0x17d0ffe6e7c88522},
		{"bool", hash(t, true), 0xb456bcfc34c2cb2c},
		{"float64", hash(t, 1.5), 0x885dcc874e75b6f0},
		{"complex", hash(t, 2+3i), 0x6f31182639921e0f},
		{"no string", hash(t, ""), 0xef46db3751d8e999},
		{"string", hash(t, "a"), 0xd24ec4f1a98c6e5b},
		{"long string", hash(t, "flyball governor of James Watt, 1788"), 0x002a01de02a438f4},
		{"bytes", hash(t, [3]byte{1, 2, 3}), 0xf5ca118f510e84f0},
		{"array", hash(t, [2]int16{1, -2}), 0x803a8d96a297eb66},
		{"struct", hash(t, userKey{"acme", 7, [2]int8{-1, 1}, 0}), 0x878ee2abe157ec6a},
		{"address", hash(t, netip.MustParseAddr("10.0.0.1")), 0x2c205b6a861dc205},
		{"no field", hash(t, struct{}{}), 0},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %#016x, want %#016x", tt.name, tt.got, tt.want)
		}
	}
}

func TestHashAgreesWithEquality(t *testing.T) {
	zero := 0.0
	tests := []struct {
		name string
		a, b uint64
	}{
		{"zeros", hash(t, zero), hash(t, math.Copysign(0, -1))},
		{"NaN", hash(t, math.NaN()), hash(t, math.Float64frombits(0xfff8000000000001))},
		{"wider float", hash(t, float32(0.5)), hash(t, 0.5)},
		{"wider int", hash(t, int8(-3)), hash(t, int64(-3))},
		{"wider int in a struct", hash(t, struct{ A int16 }{-3}), hash(t, struct{ A int }{-3})},
		{"named", hash(t, Cents(9)), hash(t, int64(9))},
		{"blank", hash(t, userKey{User: 1}), hash(t, struct {
			A string
			B int64
			C [2]int16
		}{"", 1, [2]int16{}})},
		{"zeros within", hash(t, [1]float64{}), hash(t, [1]float64{math.Copysign(0, -1)})},
	}
	for _, tt := range tests {
		if tt.a != tt.b {
			t.Errorf("%s: got %#x and %#x, want the same", tt.name, tt.a, tt.b)
		}
	}
}

func TestHashTellsApart(t *testing.T) {
	seen := map[uint64]int{}
	for i, h := range []uint64{
		hash(t, [2]int{1, 2}), hash(t, [2]int{2, 1}), hash(t, [2]string{"a", "b"}),
		hash(t, [2]string{"ab", ""}), hash(t, [2]string{"", "ab"}), hash(t, true),
		hash(t, userKey{Tenant: "a"}), hash(t, userKey{User: 1}), hash(t, complex(1, 2)),
		hash(t, complex(2, 1)), hash(t, [4]byte{1}), hash(t, [4]byte{0, 1}),
		hash(t, netip.MustParseAddr("::1")), hash(t, netip.MustParseAddr("::2")),
	} {
		if j, twice := seen[h]; twice {
			t.Errorf("keys %d and %d hash alike: %#x", i, j, h)
		}
		seen[h] = i
	}
}

func TestHashRefuses(t *testing.T) {
	for name, err := range map[string]error{
		"pointer":   second(codec.HashFor[*int]()),
		"interface": second(codec.HashFor[struct{ A any }]()),
		"time":      second(codec.HashFor[struct{ At time.Time }]()),
		"chan":      second(codec.HashFor[chan int]()),
		"uintptr":   second(codec.HashFor[uintptr]()),
		"left out": second(codec.HashFor[struct {
			A int `flyball:"-"`
		}]()),
	} {
		if err == nil {
			t.Errorf("%s: got nil, want an error", name)
		}
	}
}

func allocs[K comparable](t *testing.T, k K) float64 {
	t.Helper()
	h, err := codec.HashFor[K]()
	if err != nil {
		t.Fatal(err)
	}
	var sum uint64
	n := testing.AllocsPerRun(100, func() { sum += h(k) })
	return n
}

func TestHashDoesNotAllocate(t *testing.T) {
	if n := allocs(t, 5); n != 0 {
		t.Errorf("int: got %v allocations", n)
	}
	if n := allocs(t, "five"); n != 0 {
		t.Errorf("string: got %v allocations", n)
	}
	if n := allocs(t, userKey{Tenant: "t", User: 5}); n != 0 {
		t.Errorf("struct: got %v allocations", n)
	}
	if n := allocs(t, [3][4]byte{}); n != 0 {
		t.Errorf("array: got %v allocations", n)
	}
}

// Small integers must spread over the groups evenly: they are the most common keys.
func TestHashSpreads(t *testing.T) {
	h, err := codec.HashFor[int]()
	if err != nil {
		t.Fatal(err)
	}
	const groups, keys = 128, 128 * 1000
	var count [groups]int
	for i := range keys {
		count[h(i)%groups]++
	}
	chi := 0.0
	for _, n := range count {
		d := float64(n - keys/groups)
		chi += d * d / (keys / groups)
	}
	if chi > 200 { // 127 degrees of freedom: p < 0.0001
		t.Errorf("chi-square over %d groups: got %.0f, want < 200", groups, chi)
	}
}
