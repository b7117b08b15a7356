package codec

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"unsafe"
)

var errAlike = errors.New("two keys of the map encode alike (NaN?)")

// span is one encoded map entry within a buffer.
type span struct{ from, key, to int }

// mapping encodes maps as a count and the entries in order of their key's bytes, so that equal maps
// give equal bytes whatever the order of iteration.
func (c *encodeCompiler) mapping(t reflect.Type, path string) appendFunc {
	key, elem := c.program(t.Key(), path+"[key]"), c.program(t.Elem(), path+"[]")
	return func(dst []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		m := reflect.NewAt(t, p).Elem()
		if m.IsNil() {
			return append(dst, 0), nil
		}
		if depth >= maxDepth {
			return dst, errCycle
		}
		dst = appendUvarint(dst, uint64(m.Len())+1)
		start, spans := len(dst), make([]span, 0, m.Len())
		k, e := reflect.New(t.Key()), reflect.New(t.Elem())
		for it := m.MapRange(); it.Next(); {
			k.Elem().SetIterKey(it)
			e.Elem().SetIterValue(it)
			s := span{from: len(dst)}
			var err error
			if dst, err = key.run(dst, k.UnsafePointer(), depth+1); err != nil {
				return dst, err
			}
			s.key = len(dst)
			if dst, err = elem.run(dst, e.UnsafePointer(), depth+1); err != nil {
				return dst, err
			}
			s.to = len(dst)
			spans = append(spans, s)
		}
		dst, alike := arrange(dst, start, spans)
		if alike {
			return dst, errAlike
		}
		return dst, nil
	}
}

// arrange puts the entries that begin at start into order of their keys and tells whether two keys
// are the same. It uses the room behind dst as scratch.
func arrange(dst []byte, start int, spans []span) (sorted []byte, alike bool) {
	order := func(a, b span) int {
		return bytes.Compare(dst[a.from:a.key], dst[b.from:b.key])
	}
	if !slices.IsSortedFunc(spans, order) {
		slices.SortFunc(spans, order)
		end := len(dst)
		for _, s := range spans {
			dst = append(dst, dst[s.from:s.to]...)
		}
		for i := 1; i < len(spans); i++ {
			alike = alike || order(spans[i-1], spans[i]) == 0
		}
		copy(dst[start:end], dst[end:])
		return dst[:end], alike
	}
	for i := 1; i < len(spans); i++ {
		alike = alike || order(spans[i-1], spans[i]) == 0
	}
	return dst, alike
}

func (c *decodeCompiler) mapping(s *shape, t reflect.Type, path string) (decodeFunc, error) {
	key, err := c.program(s.key, t.Key(), path+"[key]")
	if err != nil {
		return nil, err
	}
	elem, err := c.program(s.elem, t.Elem(), path+"[]")
	if err != nil {
		return nil, err
	}
	least := max(1, c.measure(s.key)+c.measure(s.elem))
	if c.measure(s.key) == 0 {
		return nil, errors.New("codec: " + path + ": keys of " + t.String() + " take no bytes")
	}
	return func(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		n, src, err := count(src, least)
		if err != nil || n < 0 {
			return src, err
		}
		if depth >= maxDepth {
			return nil, errTooDeep
		}
		hint := n
		if c.recursive {
			hint = min(n, firstRun)
		}
		m := reflect.MakeMapWithSize(t, hint)
		k, e := reflect.New(t.Key()), reflect.New(t.Elem())
		for range n {
			k.Elem().SetZero()
			e.Elem().SetZero()
			if src, err = key.run(src, k.UnsafePointer(), depth+1); err != nil {
				return nil, err
			}
			if src, err = elem.run(src, e.UnsafePointer(), depth+1); err != nil {
				return nil, err
			}
			m.SetMapIndex(k.Elem(), e.Elem())
		}
		if m.Len() != n {
			return nil, errMapTwice
		}
		reflect.NewAt(t, p).Elem().Set(m)
		return src, nil
	}, nil
}
