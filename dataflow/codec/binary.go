package codec

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"reflect"
	"unsafe"
)

// encodeBinary lets the value of type t write itself, and puts the length in front.
func encodeBinary(t reflect.Type) appendFunc {
	appends := reflect.PointerTo(t).Implements(appenderType)
	return func(dst []byte, p unsafe.Pointer, _ int) ([]byte, error) {
		v := reflect.NewAt(t, p).Interface()
		if !appends {
			b, err := v.(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				return dst, err
			}
			return append(appendUvarint(dst, uint64(len(b))), b...), nil
		}
		start := len(dst) + 1
		out, err := v.(encoding.BinaryAppender).AppendBinary(append(dst, 0))
		if err != nil {
			return dst, err
		}
		return lengthBefore(out, start), nil
	}
}

// lengthBefore writes the length of out[start:] in front of it. One byte is already kept for it.
func lengthBefore(out []byte, start int) []byte {
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(len(out)-start))
	if n > 1 {
		out = append(out, length[1:n]...)
		copy(out[start+n-1:], out[start:len(out)-(n-1)])
	}
	copy(out[start-1:], length[:n])
	return out
}

// decodeBinary lets a value of type t read itself.
func decodeBinary(t reflect.Type) decodeFunc {
	return func(src []byte, p unsafe.Pointer, _ int) ([]byte, error) {
		run, rest, err := prefixed(src)
		if err != nil {
			return nil, err
		}
		v := reflect.NewAt(t, p).Interface().(encoding.BinaryUnmarshaler)
		return rest, unmarshal(v, run)
	}
}

// unmarshal turns both an error and a panic of the value's own code into ErrCorrupt: bytes from
// outside must not bring the process down.
func unmarshal(v encoding.BinaryUnmarshaler, b []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: UnmarshalBinary of %T: panic: %v", ErrCorrupt, v, r)
		}
	}()
	if err := v.UnmarshalBinary(b); err != nil {
		return fmt.Errorf("%w: UnmarshalBinary of %T: %w", ErrCorrupt, v, err)
	}
	return nil
}
