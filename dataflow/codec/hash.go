package codec

import (
	"encoding"
	"math"
	"reflect"
	"unsafe"

	"github.com/cespare/xxhash/v2"
)

// HashFor returns the hash of keys of type K. It is the same in every process, on every machine and
// in every version of this package, because a key's group, and with it the place of its state, is
// derived from it.
//
// Integers, booleans and floats (as float64) are finalized by mix; strings are hashed by xxHash64,
// as are byte arrays; structs and other arrays fold their parts in order. Types count by their
// underlying kind, and integers by their value, so a key may be renamed or widened and keeps its
// group; adding, removing or reordering the fields of a key changes it. Keys that are == have the
// same hash: -0 hashes as 0. All NaN hash alike, although they are never ==.
//
// The function does not allocate, except for keys with parts that encode themselves (netip.Addr).
// Those are hashed by their bytes; one whose MarshalBinary fails hashes as no bytes, and the error
// surfaces where the key is stored. It is an error if K holds a pointer, an interface, a time.Time
// or a field that is left out: == and the stored bytes would disagree about these.
func HashFor[K comparable]() (func(K) uint64, error) {
	t := reflect.TypeFor[K]()
	if err := checkKey(t, rootName(t)); err != nil {
		return nil, err
	}
	if _, err := shapeOf(t); err != nil {
		return nil, err
	}
	var g hashProgram
	g.add(t, 0)
	switch {
	case g.custom():
		return func(k K) uint64 { return g.runCustom(0, unsafe.Pointer(&k)) }, nil
	case len(g) == 1 && t.Kind() != reflect.Struct && t.Kind() != reflect.Array:
		return hashScalar[K](g[0]), nil
	}
	return func(k K) uint64 { return g.run(0, unsafe.Pointer(&k)) }, nil
}

// hashScalar returns the hash of a key that is one scalar.
func hashScalar[K any](s hashStep) func(K) uint64 {
	switch s.op {
	case hashString:
		return func(k K) uint64 { return xxhash.Sum64String(*(*string)(unsafe.Pointer(&k))) }
	case hash64:
		return func(k K) uint64 { return mix(*(*uint64)(unsafe.Pointer(&k))) }
	case hashInt32:
		return func(k K) uint64 { return mix(uint64(*(*int32)(unsafe.Pointer(&k)))) }
	default:
		return func(k K) uint64 { return mix(s.word(unsafe.Pointer(&k))) }
	}
}

// mix is the 64-bit finalizer of MurmurHash3 (fmix64; Austin Appleby, public domain,
// github.com/aappleby/smhasher, MurmurHash3.cpp). It is a bijection: distinct integers never
// collide before they are reduced to a group.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return h
}

// fold adds the next part's word to the hash of the parts before it. The multiplier, 2^64 divided
// by the golden ratio and odd (Knuth, TAOCP 3, 6.4), makes the order of the parts matter.
func fold(h, word uint64) uint64 { return mix(h*0x9e3779b97f4a7c15 + word) }

// hashOp is how one part of a key becomes a 64-bit word.
type hashOp uint8

const (
	hash64 hashOp = iota // 8-byte integers
	hashInt32
	hashInt16
	hashInt8
	hashUint32
	hashUint16
	hashUint8 // and bool
	hashFloat32
	hashFloat64
	hashString
	hashBytes  // count bytes
	hashRepeat // count times the body, size apart
	hashCustom // encodes itself
)

type hashStep struct {
	off   uintptr
	op    hashOp
	count int
	size  uintptr
	body  hashProgram
	t     reflect.Type // of hashCustom
}

// hashProgram hashes the parts of a key in order. It is interpreted, not built of closures: a call
// through a function value would make every key escape to the heap.
type hashProgram []hashStep

var hashOps = map[reflect.Kind]hashOp{
	reflect.Bool: hashUint8, reflect.Uint8: hashUint8, reflect.Uint16: hashUint16,
	reflect.Uint32: hashUint32, reflect.Uint64: hash64, reflect.Int8: hashInt8,
	reflect.Int16: hashInt16, reflect.Int32: hashInt32, reflect.Int64: hash64,
	reflect.Float32: hashFloat32, reflect.Float64: hashFloat64, reflect.String: hashString,
}

// add appends the steps of a t at offset off.
func (g *hashProgram) add(t reflect.Type, off uintptr) {
	if isBinary(t) {
		*g = append(*g, hashStep{off: off, op: hashCustom, t: t})
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		for _, m := range members(t) {
			g.add(m.Type, off+m.Offset)
		}
	case reflect.Array:
		step := hashStep{off: off, op: hashRepeat, count: t.Len(), size: t.Elem().Size()}
		if rawBytes(t.Elem()) {
			step.op = hashBytes
		} else {
			step.body.add(t.Elem(), 0)
		}
		*g = append(*g, step)
	case reflect.Complex64, reflect.Complex128:
		half := hashFloat64
		if t.Kind() == reflect.Complex64 {
			half = hashFloat32
		}
		*g = append(*g, hashStep{off: off, op: half}, hashStep{off: off + t.Size()/2, op: half})
	case reflect.Int, reflect.Uint:
		op := hash64
		if t.Size() == 4 {
			op = map[reflect.Kind]hashOp{reflect.Int: hashInt32, reflect.Uint: hashUint32}[t.Kind()]
		}
		*g = append(*g, hashStep{off: off, op: op})
	default:
		*g = append(*g, hashStep{off: off, op: hashOps[t.Kind()]})
	}
}

func (g hashProgram) run(h uint64, p unsafe.Pointer) uint64 {
	for i := range g {
		s := &g[i]
		q := unsafe.Add(p, s.off)
		switch s.op {
		case hash64:
			h = fold(h, *(*uint64)(q))
		case hashString:
			h = fold(h, xxhash.Sum64String(*(*string)(q)))
		case hashBytes:
			h = fold(h, xxhash.Sum64(unsafe.Slice((*byte)(q), s.count)))
		case hashRepeat:
			for j := range s.count {
				h = s.body.run(h, unsafe.Add(q, uintptr(j)*s.size))
			}
		default:
			h = fold(h, s.word(q))
		}
	}
	return h
}

// word reads a number as 64 bits that are equal for equal values of any width.
func (s *hashStep) word(p unsafe.Pointer) uint64 {
	switch s.op {
	case hashInt32:
		return uint64(*(*int32)(p))
	case hashInt16:
		return uint64(*(*int16)(p))
	case hashInt8:
		return uint64(*(*int8)(p))
	case hashUint32:
		return uint64(*(*uint32)(p))
	case hashUint16:
		return uint64(*(*uint16)(p))
	case hashUint8:
		return uint64(*(*uint8)(p))
	case hashFloat32:
		return floatWord(float64(*(*float32)(p)))
	case hashFloat64:
		return floatWord(*(*float64)(p))
	default:
		return *(*uint64)(p)
	}
}

// floatWord gives 0 for both zeros and one word for all NaN.
func floatWord(f float64) uint64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return 0x7ff8000000000001
	}
	return math.Float64bits(f)
}

// custom reports whether some part of the key encodes itself.
func (g hashProgram) custom() bool {
	for _, s := range g {
		if s.op == hashCustom || s.body.custom() {
			return true
		}
	}
	return false
}

// runCustom is run for keys with parts that encode themselves; calling their methods moves the key
// to the heap, which is why it is apart.
func (g hashProgram) runCustom(h uint64, p unsafe.Pointer) uint64 {
	for i := range g {
		s := &g[i]
		q := unsafe.Add(p, s.off)
		switch {
		case s.op == hashCustom:
			v := reflect.NewAt(s.t, q).Interface().(encoding.BinaryMarshaler)
			b, err := v.MarshalBinary()
			if err != nil {
				b = nil
			}
			h = fold(h, xxhash.Sum64(b))
		case s.op == hashRepeat:
			for j := range s.count {
				h = s.body.runCustom(h, unsafe.Add(q, uintptr(j)*s.size))
			}
		default:
			h = g[i:i+1].run(h, p)
		}
	}
	return h
}
