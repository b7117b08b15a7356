package codec_test

import (
	"encoding/binary"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

type flat struct {
	ID    string
	Buyer string
	Cents int64
	At    int64
	Count uint32
}

var flatValue = flat{"order-000017", "customer-4711", 129_900, 1_772_366_400_000, 3}

func benchAppend[T any](b *testing.B, v T) {
	c := codecFor[T](b)
	buf, err := c.Append(nil, &v)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if buf, err = c.Append(buf[:0], &v); err != nil {
			b.Fatal(err)
		}
	}
}

func benchDecode[T any](b *testing.B, v T) {
	c := codecFor[T](b)
	buf, err := c.Append(nil, &v)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Decode(buf, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	b.Run("int64", func(b *testing.B) { benchAppend(b, int64(129_900)) })
	b.Run("string", func(b *testing.B) { benchAppend(b, "customer-4711") })
	b.Run("struct5", func(b *testing.B) { benchAppend(b, flatValue) })
	b.Run("slice100", func(b *testing.B) { benchAppend(b, make([]flat, 100)) })
	b.Run("map10", func(b *testing.B) { benchAppend(b, tenCounts()) })
}

func BenchmarkDecode(b *testing.B) {
	b.Run("int64", func(b *testing.B) { benchDecode(b, int64(129_900)) })
	b.Run("string", func(b *testing.B) { benchDecode(b, "customer-4711") })
	b.Run("struct5", func(b *testing.B) { benchDecode(b, flatValue) })
	b.Run("slice100", func(b *testing.B) { benchDecode(b, make([]flat, 100)) })
	b.Run("map10", func(b *testing.B) { benchDecode(b, tenCounts()) })
}

func tenCounts() map[string]int64 {
	m := map[string]int64{}
	for i := range int64(10) {
		m[string(rune('a'+i))] = i * 1000
	}
	return m
}

// BenchmarkByHand is the limit for struct5: the same bytes, written for the one type.
func BenchmarkByHand(b *testing.B) {
	v, buf := flatValue, []byte(nil)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = byHand(buf[:0], &v)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !v.readByHand(buf) {
				b.Fatal("short")
			}
		}
	})
}

func byHand(dst []byte, v *flat) []byte {
	dst = append(binary.AppendUvarint(dst, uint64(len(v.ID))), v.ID...)
	dst = append(binary.AppendUvarint(dst, uint64(len(v.Buyer))), v.Buyer...)
	dst = binary.AppendVarint(dst, v.Cents)
	dst = binary.AppendVarint(dst, v.At)
	return binary.AppendUvarint(dst, uint64(v.Count))
}

func (v *flat) readByHand(src []byte) bool {
	for _, s := range []*string{&v.ID, &v.Buyer} {
		n, m := binary.Uvarint(src)
		if m <= 0 || n > uint64(len(src)-m) {
			return false
		}
		*s, src = string(src[m:m+int(n)]), src[m+int(n):]
	}
	for _, i := range []*int64{&v.Cents, &v.At} {
		x, m := binary.Varint(src)
		if m <= 0 {
			return false
		}
		*i, src = x, src[m:]
	}
	u, m := binary.Uvarint(src)
	v.Count = uint32(u)
	return m > 0 && u>>32 == 0
}

func BenchmarkHash(b *testing.B) {
	b.Run("int64", func(b *testing.B) { benchHash(b, int64(129_900)) })
	b.Run("string", func(b *testing.B) { benchHash(b, "customer-4711") })
	b.Run("struct", func(b *testing.B) { benchHash(b, userKey{Tenant: "t", User: 5}) })
}

var sink uint64

func benchHash[K comparable](b *testing.B, k K) {
	h, err := codec.HashFor[K]()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		sink += h(k)
	}
}

func BenchmarkSizeOf(b *testing.B) {
	_, extra := codec.SizeOf[flat]()
	v := flatValue
	b.ReportAllocs()
	for b.Loop() {
		sink += uint64(extra(&v))
	}
}
