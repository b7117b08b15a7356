package codec

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"
)

var (
	errShort    = fmt.Errorf("%w: too few bytes", ErrCorrupt)
	errVarint   = fmt.Errorf("%w: varint cut short or over 64 bits", ErrCorrupt)
	errRange    = fmt.Errorf("%w: number out of range", ErrCorrupt)
	errBool     = fmt.Errorf("%w: flag is neither 0 nor 1", ErrCorrupt)
	errCount    = fmt.Errorf("%w: more elements than bytes", ErrCorrupt)
	errNanos    = fmt.Errorf("%w: nanoseconds out of range", ErrCorrupt)
	errTooDeep  = fmt.Errorf("%w: nested over %d levels", ErrCorrupt, maxDepth)
	errMapTwice = fmt.Errorf("%w: a map key occurs twice", ErrCorrupt)
)

// zigzag maps small magnitudes of either sign to small numbers, as protocol buffers do.
func zigzag(x int64) uint64 { return uint64(x<<1) ^ uint64(x>>63) }

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// appendUvarint is small enough to be inlined where one byte is the common case.
func appendUvarint(dst []byte, u uint64) []byte {
	if u < 0x80 {
		return append(dst, byte(u))
	}
	return binary.AppendUvarint(dst, u)
}

// readUvarint reads a varint of n bytes; n is 0 when there is none. It is small enough to be
// inlined where one byte is the common case.
func readUvarint(src []byte) (u uint64, n int) {
	if len(src) > 0 && src[0] < 0x80 {
		return uint64(src[0]), 1
	}
	return longUvarint(src)
}

func longUvarint(src []byte) (u uint64, n int) {
	for i, b := range src[:min(len(src), binary.MaxVarintLen64)] {
		u |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if i == binary.MaxVarintLen64-1 && b > 1 {
				return 0, 0
			}
			return u, i + 1
		}
	}
	return 0, 0
}

// uvarint reads a varint and returns the bytes after it; ok is false when there is none.
func uvarint(src []byte) (u uint64, rest []byte, ok bool) {
	u, n := readUvarint(src)
	return u, src[n:], n > 0
}

func appendString(dst []byte, s string) []byte {
	return append(appendUvarint(dst, uint64(len(s))), s...)
}

// prefixed splits a length-prefixed run of bytes off src; the run aliases src.
func prefixed(src []byte) (run, rest []byte, err error) {
	size, n := readUvarint(src)
	if n == 0 {
		return nil, nil, errVarint
	}
	if size > uint64(len(src)-n) {
		return nil, nil, errShort
	}
	end := n + int(size)
	return src[n:end:end], src[end:], nil
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = appendUvarint(dst, zigzag(t.Unix()))
	return appendUvarint(dst, uint64(t.Nanosecond()))
}

func decodeTime(src []byte) (time.Time, []byte, error) {
	sec, rest, ok := uvarint(src)
	if !ok {
		return time.Time{}, nil, errVarint
	}
	nsec, rest, ok := uvarint(rest)
	if !ok {
		return time.Time{}, nil, errVarint
	}
	if nsec >= uint64(time.Second) {
		return time.Time{}, nil, errNanos
	}
	return time.Unix(unzigzag(sec), int64(nsec)).UTC(), rest, nil
}

// scalarFor returns a codec without indirect calls when T is one 64-bit number or a string, and nil
// otherwise.
func scalarFor[T any](s Schema) Codec[T] {
	t := reflect.TypeFor[T]()
	switch s.root.kind {
	case kindInt, kindInt64:
		if t.Size() == 8 {
			return &intCodec[T]{s}
		}
	case kindUint, kindUint64:
		if t.Size() == 8 {
			return &uintCodec[T]{s}
		}
	case kindFloat64:
		return &floatCodec[T]{s}
	case kindString:
		return &stringCodec[T]{s}
	}
	return nil
}

// The four codecs below reinterpret *T as its underlying kind, which scalarFor has checked.
type (
	intCodec[T any]    struct{ schema Schema }
	uintCodec[T any]   struct{ schema Schema }
	floatCodec[T any]  struct{ schema Schema }
	stringCodec[T any] struct{ schema Schema }
)

func (c *intCodec[T]) Schema() Schema    { return c.schema }
func (c *uintCodec[T]) Schema() Schema   { return c.schema }
func (c *floatCodec[T]) Schema() Schema  { return c.schema }
func (c *stringCodec[T]) Schema() Schema { return c.schema }

func (c *intCodec[T]) Append(dst []byte, v *T) ([]byte, error) {
	return appendUvarint(dst, zigzag(*(*int64)(unsafe.Pointer(v)))), nil
}

func (c *uintCodec[T]) Append(dst []byte, v *T) ([]byte, error) {
	return appendUvarint(dst, *(*uint64)(unsafe.Pointer(v))), nil
}

func (c *floatCodec[T]) Append(dst []byte, v *T) ([]byte, error) {
	bits := math.Float64bits(*(*float64)(unsafe.Pointer(v)))
	return binary.LittleEndian.AppendUint64(dst, bits), nil
}

func (c *stringCodec[T]) Append(dst []byte, v *T) ([]byte, error) {
	return appendString(dst, *(*string)(unsafe.Pointer(v))), nil
}

func (c *intCodec[T]) Decode(src []byte, v *T) ([]byte, error) {
	u, n := readUvarint(src)
	if n == 0 {
		return nil, rootError[T]("decode", errVarint)
	}
	*(*int64)(unsafe.Pointer(v)) = unzigzag(u)
	return src[n:], nil
}

func (c *uintCodec[T]) Decode(src []byte, v *T) ([]byte, error) {
	u, n := readUvarint(src)
	if n == 0 {
		return nil, rootError[T]("decode", errVarint)
	}
	*(*uint64)(unsafe.Pointer(v)) = u
	return src[n:], nil
}

func (c *floatCodec[T]) Decode(src []byte, v *T) ([]byte, error) {
	if len(src) < 8 {
		return nil, rootError[T]("decode", errShort)
	}
	bits := binary.LittleEndian.Uint64(src)
	*(*float64)(unsafe.Pointer(v)) = math.Float64frombits(bits)
	return src[8:], nil
}

func (c *stringCodec[T]) Decode(src []byte, v *T) ([]byte, error) {
	run, rest, err := prefixed(src)
	if err != nil {
		return nil, rootError[T]("decode", err)
	}
	*(*string)(unsafe.Pointer(v)) = string(run)
	return rest, nil
}
