package codec

import "unsafe"

// skip returns a function that passes over a stored value of s which no field takes any more. It
// checks lengths as far as it must to find the end, and touches no memory.
func (c *decodeCompiler) skip(s *shape) decodeFunc {
	switch s.kind {
	case kindBool, kindInt8, kindUint8, kindFloat32, kindFloat64, kindComplex64, kindComplex128:
		return skipFixed(c.measure(s))
	case kindString, kindBinary:
		return skipPrefixed
	case kindTime:
		return skipTime
	case kindArray, kindStruct, kindPointer, kindSlice, kindMap:
		return c.skipComposite(s).run
	default:
		return skipVarint
	}
}

// skipComposite returns the program that passes over s, unfinished while it is being compiled.
func (c *decodeCompiler) skipComposite(s *shape) *decodeProgram {
	if g, ok := c.skips[s]; ok {
		return g
	}
	g := new(decodeProgram)
	c.skips[s] = g
	switch {
	case c.measure(s) == 0:
	case s.kind == kindArray:
		g.steps = []decodeStep{{fn: skipRun(s.length, c.skip(s.elem))}}
	case s.kind == kindPointer:
		g.steps = []decodeStep{{fn: skipPointer(c.skip(s.elem))}}
	case s.kind == kindSlice:
		g.steps = []decodeStep{{fn: skipCounted(c.measure(s.elem), c.skip(s.elem))}}
	case s.kind == kindMap:
		key, elem := c.skip(s.key), c.skip(s.elem)
		entry := func(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
			rest, err := key(src, p, depth)
			if err != nil {
				return nil, err
			}
			return elem(rest, p, depth)
		}
		g.steps = []decodeStep{{fn: skipCounted(c.measure(s.key)+c.measure(s.elem), entry)}}
	default:
		for _, f := range s.fields {
			g.steps = append(g.steps, decodeStep{fn: c.skip(f.shape), path: "." + f.name})
		}
	}
	return g
}

func skipFixed(n int) decodeFunc {
	return func(src []byte, _ unsafe.Pointer, _ int) ([]byte, error) {
		if len(src) < n {
			return nil, errShort
		}
		return src[n:], nil
	}
}

func skipVarint(src []byte, _ unsafe.Pointer, _ int) ([]byte, error) {
	_, rest, ok := uvarint(src)
	if !ok {
		return nil, errVarint
	}
	return rest, nil
}

func skipPrefixed(src []byte, _ unsafe.Pointer, _ int) ([]byte, error) {
	_, rest, err := prefixed(src)
	return rest, err
}

func skipTime(src []byte, _ unsafe.Pointer, _ int) ([]byte, error) {
	_, rest, err := decodeTime(src)
	return rest, err
}

func skipPointer(elem decodeFunc) decodeFunc {
	return func(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		present, rest, err := decodeFlag(src)
		if err != nil || !present {
			return rest, err
		}
		if depth >= maxDepth {
			return nil, errTooDeep
		}
		return elem(rest, p, depth+1)
	}
}

func skipCounted(least int, elem decodeFunc) decodeFunc {
	return func(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		n, rest, err := count(src, least)
		if err != nil || n < 0 || least == 0 {
			return rest, err
		}
		if depth >= maxDepth {
			return nil, errTooDeep
		}
		return skipRun(n, elem)(rest, p, depth+1)
	}
}

// skipRun passes over n values. Each takes at least a byte, so the input bounds the loop.
func skipRun(n int, elem decodeFunc) decodeFunc {
	return func(src []byte, p unsafe.Pointer, depth int) ([]byte, error) {
		for range n {
			var err error
			if src, err = elem(src, p, depth); err != nil {
				return nil, err
			}
		}
		return src, nil
	}
}
