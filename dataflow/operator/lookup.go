package operator

import "fmt"

// Lookup loads a table as it opens and emits what f makes of each record and
// the row of its key, if f returns true, with the record's event time. Without
// a row f gets a zero V and false.
func Lookup[T any, K comparable, V, U any](
	out *Pool[U], load func() (map[K]V, error), key func(T) K, f func(T, V, bool) (U, bool),
) Operator {
	return &lookup[T, K, V, U]{out: out, load: load, key: key, f: f}
}

type lookup[T any, K comparable, V, U any] struct {
	out  *Pool[U]
	load func() (map[K]V, error)
	key  func(T) K
	f    func(T, V, bool) (U, bool)
	rows map[K]V
}

// Open loads the table.
func (l *lookup[T, K, V, U]) Open(*Runtime) (err error) {
	if l.rows, err = l.load(); err != nil {
		return fmt.Errorf("load the table: %w", err)
	}
	return nil
}

func (l *lookup[T, K, V, U]) Process(_ int, b Batch, out Outbox) error {
	in, to := b.(*Records[T]), l.out.Get()
	if err := l.apply(in, to); err != nil {
		return err
	}
	in.Release()
	return emitOrRelease(0, to, out)
}

func (l *lookup[T, K, V, U]) apply(in *Records[T], to *Records[U]) (err error) {
	i := 0
	defer Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		row, ok := l.rows[l.key(in.Values[i])]
		if u, keep := l.f(in.Values[i], row, ok); keep {
			to.Append(u, in.Times[i])
		}
	}
	return nil
}
