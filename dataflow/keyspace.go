package dataflow

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// keySpace is how a processor's tables know keys of a type that the handles
// do not: as strings. A string key is itself, any other its encoding. In
// checkpoints both look like the key's own type.
type keySpace interface {
	codec.Codec[string]
	Reader(stored codec.Schema) (codec.Decoder[string], error)
	hash(key string) uint64
}

// keys is the key space of a type.
type keys[K comparable] struct {
	codec  codec.Codec[K]
	hashOf func(K) uint64
	text   bool // K is a string
	floats bool // K has parts that are == with unlike bytes: 0 and -0
}

func newKeys[K comparable](hash func(K) uint64) (*keys[K], error) {
	c, err := codec.For[K]()
	if err != nil {
		return nil, err
	}
	t := reflect.TypeFor[K]()
	return &keys[K]{c, hash, t.Kind() == reflect.String, hasFloats(t)}, nil
}

// append appends the string form of a key to dst, which may be nil for
// strings: they are returned as they are.
func (k *keys[K]) append(dst []byte, key *K) (scratch []byte, s string, err error) {
	if k.text {
		return dst, *(*string)(unsafe.Pointer(key)), nil
	}
	if k.floats {
		plusZero(reflect.ValueOf(key).Elem())
	}
	dst, err = k.codec.Append(dst, key)
	return dst, unsafe.String(unsafe.SliceData(dst), len(dst)), err
}

// key is the key that s is the string form of.
func (k *keys[K]) key(s string) (key K, err error) {
	if k.text {
		*(*string)(unsafe.Pointer(&key)) = s
		return key, nil
	}
	_, err = k.codec.Decode(unsafe.Slice(unsafe.StringData(s), len(s)), &key)
	return key, err
}

func (k *keys[K]) hash(s string) uint64 {
	key, err := k.key(s)
	if err != nil {
		return 0 // cannot be: s was encoded or decoded before
	}
	return k.hashOf(key)
}

// Schema is that of K.
func (k *keys[K]) Schema() codec.Schema { return k.codec.Schema() }

// Append writes the string form as K's codec would have written the key.
func (k *keys[K]) Append(dst []byte, s *string) ([]byte, error) {
	if k.text {
		return k.codec.Append(dst, (*K)(unsafe.Pointer(s)))
	}
	return append(dst, *s...), nil
}

// Decode reads a key into its string form.
func (k *keys[K]) Decode(src []byte, s *string) ([]byte, error) {
	return keyReader[K]{k, k.codec}.Decode(src, s)
}

// Reader reads keys that were stored with another schema.
func (k *keys[K]) Reader(stored codec.Schema) (codec.Decoder[string], error) {
	d, err := codec.Reader[K](stored)
	return keyReader[K]{k, d}, err
}

type keyReader[K comparable] struct {
	keys *keys[K]
	dec  codec.Decoder[K]
}

func (r keyReader[K]) Decode(src []byte, s *string) ([]byte, error) {
	var key K
	rest, err := r.dec.Decode(src, &key)
	if err != nil {
		return nil, err
	}
	_, *s, err = r.keys.append(nil, &key)
	return rest, err
}

func hasFloats(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Array:
		return hasFloats(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if hasFloats(f.Type) {
				return true
			}
		}
	}
	return false
}

// plusZero makes zeros of floating point positive, wherever v has them.
func plusZero(v reflect.Value) {
	if !v.CanSet() { // an unexported field
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		v.SetFloat(v.Float() + 0)
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(real(v.Complex())+0, imag(v.Complex())+0))
	case reflect.Array:
		for i := range v.Len() {
			plusZero(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			plusZero(v.Field(i))
		}
	}
}

// part is the key of a part of a key's state, such as one timer.
type part[S comparable] struct {
	key string
	sub S
}

func ownString(s string) string { return strings.Clone(s) }

func ownPart[S comparable](p part[S]) part[S] {
	p.key = strings.Clone(p.key)
	return p
}

// openWhole opens a table with one entry a key.
func openWhole[V any](s *scope, b *state.Backend, name string) (state.Keyed[string, V], error) {
	return state.Open(b, state.Spec[string, V]{
		Name: name, Key: s.keys, Hash: s.keys.hash, Own: ownString,
	})
}

// openParts opens a table with an entry for each part of a key's state. An
// entry's hash is the SubHash of the key's and the part's.
func openParts[S comparable, V any](
	s *scope, b *state.Backend, name string, hash func(S) uint64, own func(part[S]) part[S],
) (state.Keyed[part[S], V], error) {
	sub, err := codec.For[S]()
	if err != nil {
		return nil, err
	}
	return state.Open(b, state.Spec[part[S], V]{
		Name: name, Key: &parts[S]{partReader[S]{s.keys, sub}, s.keys, sub}, Own: own,
		Hash: func(p part[S]) uint64 { return state.SubHash(s.keys.hash(p.key), hash(p.sub)) },
	})
}

// parts is the codec of a part's key: that of a struct of two fields.
type parts[S comparable] struct {
	partReader[S]
	keys keySpace
	sub  codec.Codec[S]
}

func (p *parts[S]) Schema() codec.Schema {
	return codec.StructOf("part",
		codec.Part{Name: "Key", Schema: p.keys.Schema()},
		codec.Part{Name: "Of", Schema: p.sub.Schema()})
}

func (p *parts[S]) Append(dst []byte, v *part[S]) ([]byte, error) {
	dst, err := p.keys.Append(dst, &v.key)
	if err != nil {
		return dst, err
	}
	return p.sub.Append(dst, &v.sub)
}

var errNotParts = errors.New("the stored state has entries of another kind")

func (p *parts[S]) Reader(stored codec.Schema) (codec.Decoder[part[S]], error) {
	fields := stored.Parts()
	if len(fields) != 2 {
		return nil, fmt.Errorf("%w: %v", errNotParts, stored)
	}
	key, err := p.keys.Reader(fields[0].Schema)
	if err != nil {
		return nil, err
	}
	sub, err := codec.Reader[S](fields[1].Schema)
	return partReader[S]{key, sub}, err
}

type partReader[S comparable] struct {
	key codec.Decoder[string]
	of  codec.Decoder[S]
}

func (p partReader[S]) Decode(src []byte, v *part[S]) ([]byte, error) {
	rest, err := p.key.Decode(src, &v.key)
	if err != nil {
		return nil, err
	}
	return p.of.Decode(rest, &v.sub)
}
