package table

import (
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// NewJoin makes the operator that keeps, for each key, the row that f makes of
// the rows that two tables have for it, nil for one that is not there, and no
// row if neither is. Its input ports are the tables' updates by key, a
// Keyed[K, Update[K, A]] and a Keyed[K, Update[K, B]]. The state is named
// "rows".
func NewJoin[K comparable, A, B any, U comparable](
	out *operator.Pool[Update[K, U]], f func(k K, a *A, b *B) (U, bool),
) operator.Operator {
	return &join[K, A, B, U]{out: out, f: f}
}

type join[K comparable, A, B any, U comparable] struct {
	out  *operator.Pool[Update[K, U]]
	f    func(k K, a *A, b *B) (U, bool)
	rows operator.Updater[K, joined[A, B, U]]
}

// joined is a row with those that it is made of.
type joined[A, B, U any] struct {
	Left  row[A]
	Right row[B]
	Row   row[U]
}

func (j *join[K, A, B, U]) Open(rt *operator.Runtime) (err error) {
	j.rows, err = operator.OpenUpdater(rt.State, state.Spec[K, joined[A, B, U]]{Name: "rows"})
	return err
}

func (j *join[K, A, B, U]) Process(port int, b operator.Batch, out operator.Outbox) error {
	to := j.out.Get()
	var err error
	if port == 0 {
		err = take(j, b, to, func(x *joined[A, B, U]) *row[A] { return &x.Left })
	} else {
		err = take(j, b, to, func(x *joined[A, B, U]) *row[B] { return &x.Right })
	}
	if err != nil {
		return err
	}
	b.Release()
	return emit(to, out)
}

// take applies the updates of one side.
func take[K comparable, A, B any, U comparable, V any](
	j *join[K, A, B, U], b operator.Batch, to *operator.Records[Update[K, U]],
	side func(*joined[A, B, U]) *row[V],
) (err error) {
	in := b.(*operator.Keyed[K, Update[K, V]])
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		x, _ := j.rows.UpdateNext(in.Keys, in.Hashes, i)
		*side(x) = row[V]{in.Values[i].After, in.Values[i].Kind != Deleted}
		before := x.Row
		x.Row = j.row(in.Keys[i], x)
		if u, ok := change(in.Keys[i], before, x.Row); ok {
			to.Append(u, in.Times[i])
		}
		if !x.Left.There && !x.Right.There {
			j.rows.Delete(in.Keys[i], in.Hashes[i])
		}
	}
	return nil
}

// row computes the row of a key.
func (j *join[K, A, B, U]) row(key K, x *joined[A, B, U]) (r row[U]) {
	var left *A
	var right *B
	if x.Left.There {
		left = &x.Left.Value
	}
	if x.Right.There {
		right = &x.Right.Value
	}
	if left == nil && right == nil {
		return r
	}
	if r.Value, r.There = j.f(key, left, right); !r.There {
		return row[U]{}
	}
	return r
}
