package dataflow

import (
	"bytes"
	"cmp"
	"reflect"
	"slices"
	"unsafe"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// index knows, for each key, the keys of its map. It is derived from the
// map's table, which knows each entry by itself only.
type index[MK comparable] struct {
	sets map[string]*keySet[MK]
	less func(a, b MK) bool
	// has reports whether the map of the key in scope has an entry.
	has func(MK) bool
}

// keySet holds the keys of one map: those that are there, some that were
// deleted, and one twice where it was deleted and put again. It is put right
// when it is read, so that changes take constant time.
type keySet[MK comparable] struct {
	keys  []MK
	live  int // keys that are there
	tidy  bool
	stale bool // some of keys may not be there, or be there twice
}

func (x *index[MK]) added(key string, k MK) {
	s := x.sets[key]
	if s == nil {
		s = &keySet[MK]{tidy: true}
		x.sets[ownString(key)] = s
	}
	if n := len(s.keys); n > 0 && !x.less(s.keys[n-1], k) {
		s.tidy = false
	}
	s.keys = append(s.keys, k)
	s.live++
	if len(s.keys) > 2*s.live+slack {
		x.tidyUp(s)
	}
}

func (x *index[MK]) removed(key string) {
	s := x.sets[key]
	s.stale = true
	if s.live--; s.live == 0 {
		delete(x.sets, key)
	}
}

// count is the number of entries of a key's map.
func (x *index[MK]) count(key string) int {
	if s := x.sets[key]; s != nil {
		return s.live
	}
	return 0
}

// keys returns the keys of the map of the key in scope, in order. The result
// does not change.
func (x *index[MK]) keys(key string) []MK {
	s := x.sets[key]
	if s == nil {
		return nil
	}
	if !s.tidy || s.stale {
		x.tidyUp(s)
	}
	return s.keys[:len(s.keys):len(s.keys)]
}

// tidyUp works on a copy, because a loop may be reading the keys.
func (x *index[MK]) tidyUp(s *keySet[MK]) {
	keys := slices.DeleteFunc(slices.Clone(s.keys), func(k MK) bool { return !x.has(k) })
	slices.SortFunc(keys, func(a, b MK) int {
		switch {
		case x.less(a, b):
			return -1
		case x.less(b, a):
			return 1
		}
		return 0
	})
	s.keys, s.tidy, s.stale = slices.Compact(keys), true, false
}

// lessFor returns an order of all values of MK: the natural one of numbers
// and strings, that of the encodings for other types.
func lessFor[MK comparable]() (func(a, b MK) bool, error) {
	if f := natural[MK](); f != nil {
		return f, nil
	}
	c, err := codec.For[MK]()
	if err != nil {
		return nil, err
	}
	var x, y []byte
	return func(a, b MK) bool {
		x, _ = c.Append(x[:0], &a) // what fails to encode fails the checkpoint
		y, _ = c.Append(y[:0], &b)
		return bytes.Compare(x, y) < 0
	}, nil
}

func natural[MK comparable]() func(a, b MK) bool {
	switch reflect.TypeFor[MK]().Kind() {
	case reflect.String:
		return lessAs[MK, string]
	case reflect.Int:
		return lessAs[MK, int]
	case reflect.Int8:
		return lessAs[MK, int8]
	case reflect.Int16:
		return lessAs[MK, int16]
	case reflect.Int32:
		return lessAs[MK, int32]
	case reflect.Int64:
		return lessAs[MK, int64]
	case reflect.Uint:
		return lessAs[MK, uint]
	case reflect.Uint8:
		return lessAs[MK, uint8]
	case reflect.Uint16:
		return lessAs[MK, uint16]
	case reflect.Uint32:
		return lessAs[MK, uint32]
	case reflect.Uint64:
		return lessAs[MK, uint64]
	case reflect.Float32:
		return lessAs[MK, float32]
	case reflect.Float64:
		return lessAs[MK, float64]
	}
	return nil
}

// lessAs compares values of a type whose underlying type is N.
func lessAs[MK comparable, N cmp.Ordered](a, b MK) bool {
	return *(*N)(unsafe.Pointer(&a)) < *(*N)(unsafe.Pointer(&b))
}
