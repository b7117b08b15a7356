package operator

// FilterMap replaces every record by what f makes of it, and drops those for
// which f returns false.
func FilterMap[T, U any](out *Pool[U], f func(T) (U, bool)) Operator {
	return &filterMapper[T, U]{out, f}
}

type filterMapper[T, U any] struct {
	out *Pool[U]
	f   func(T) (U, bool)
}

func (m *filterMapper[T, U]) Process(_ int, b Batch, out Outbox) error {
	in, to := b.(*Records[T]), m.out.Get()
	if err := m.apply(in, to); err != nil {
		return err
	}
	in.Release()
	return emitOrRelease(0, to, out)
}

func (m *filterMapper[T, U]) apply(in *Records[T], to *Records[U]) (err error) {
	i := 0
	defer Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		if u, ok := m.f(in.Values[i]); ok {
			to.Append(u, in.Times[i])
		}
	}
	return nil
}
