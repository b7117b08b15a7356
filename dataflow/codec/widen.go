package codec

import (
	"encoding/binary"
	"math"
	"reflect"
	"unsafe"
)

// bits is the width of the integer kinds; int and uint are stored as 64 bits on every machine.
var bits = map[kind]int{
	kindInt: 64, kindInt8: 8, kindInt16: 16, kindInt32: 32, kindInt64: 64,
	kindUint: 64, kindUint8: 8, kindUint16: 16, kindUint32: 32, kindUint64: 64,
}

func signed(k kind) bool { return k >= kindInt && k <= kindInt64 }

// stepScalar reads a stored scalar into a t of the same kind or of a wider one that holds each of
// its values exactly.
func stepScalar(s *shape, t reflect.Type, path string) (decodeStep, error) {
	was, now := s.kind, scalarKinds[t.Kind()]
	switch {
	case bits[was] > 0 && bits[now] > 0:
		if step, ok := stepInt(was, now, t.Size()); ok {
			return step, nil
		}
	case was == kindFloat64 && now == kindFloat64:
		return decodeStep{op: opFloat64}, nil
	case was == kindString && now == kindString:
		return decodeStep{op: opString}, nil
	case was == kindBool && now == kindBool:
		return decodeStep{fn: storeBool}, nil
	case was == kindFloat32 && now == kindFloat32:
		return decodeStep{fn: storeFloat32}, nil
	case was == kindFloat32 && now == kindFloat64:
		return decodeStep{fn: widenFloat}, nil
	case was == kindComplex64 && now == kindComplex64:
		return decodeStep{fn: storeComplex64}, nil
	case was == kindComplex64 && now == kindComplex128:
		return decodeStep{fn: widenComplex}, nil
	case was == kindComplex128 && now == kindComplex128:
		return decodeStep{fn: storeComplex128}, nil
	}
	return decodeStep{}, mismatch(s, t, path)
}

// stepInt reads integer kind was into kind now, which takes size bytes in memory. It refuses pairs
// where a value could be lost.
func stepInt(was, now kind, size uintptr) (decodeStep, bool) {
	same := signed(was) == signed(now) && bits[was] <= bits[now]
	if wider := signed(now) && !signed(was) && bits[was] < bits[now]; !same && !wider {
		return decodeStep{}, false
	}
	width := min(bits[was], 8*int(size))
	switch {
	case bits[was] == 8 && signed(was):
		return decodeStep{fn: func(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
			if len(src) == 0 {
				return nil, errShort
			}
			storeInt(p, size, uint64(int8(src[0])))
			return src[1:], nil
		}}, true
	case bits[was] == 8:
		return decodeStep{fn: func(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
			if len(src) == 0 {
				return nil, errShort
			}
			storeInt(p, size, uint64(src[0]))
			return src[1:], nil
		}}, true
	case width == 64 && signed(was):
		return decodeStep{op: opInt64}, true
	case width == 64:
		return decodeStep{op: opUint64}, true
	case signed(was):
		return decodeStep{fn: storeSigned(width, size)}, true
	default:
		return decodeStep{fn: storeUnsigned(width, size)}, true
	}
}

func storeSigned(width int, size uintptr) decodeFunc {
	return func(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
		u, rest, ok := uvarint(src)
		if !ok {
			return nil, errVarint
		}
		if u>>width != 0 { // the zigzag of a width-bit number has width bits
			return nil, errRange
		}
		storeInt(p, size, uint64(unzigzag(u)))
		return rest, nil
	}
}

func storeUnsigned(width int, size uintptr) decodeFunc {
	return func(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
		u, rest, ok := uvarint(src)
		if !ok {
			return nil, errVarint
		}
		if u>>width != 0 {
			return nil, errRange
		}
		storeInt(p, size, u)
		return rest, nil
	}
}

func storeBool(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	set, rest, err := decodeFlag(src)
	*(*bool)(p) = set
	return rest, err
}

func storeFloat32(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	if len(src) < 4 {
		return nil, errShort
	}
	*(*uint32)(p) = binary.LittleEndian.Uint32(src)
	return src[4:], nil
}

func widenFloat(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	if len(src) < 4 {
		return nil, errShort
	}
	*(*float64)(p) = float64(math.Float32frombits(binary.LittleEndian.Uint32(src)))
	return src[4:], nil
}

func storeComplex64(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	return twice(storeFloat32, src, p, 4)
}

func storeComplex128(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	return twice(storeFloat64, src, p, 8)
}

func widenComplex(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	return twice(widenFloat, src, p, 8)
}

func storeFloat64(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
	if len(src) < 8 {
		return nil, errShort
	}
	*(*uint64)(p) = binary.LittleEndian.Uint64(src)
	return src[8:], nil
}

// twice decodes the two halves of a complex number.
func twice(half decodeFunc, src []byte, p unsafe.Pointer, size uintptr) ([]byte, error) {
	src, err := half(src, p, 0)
	if err != nil {
		return nil, err
	}
	return half(src, unsafe.Add(p, size), 0)
}
