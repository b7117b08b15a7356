package table

import (
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// NewDeal makes the operator that gives each update of its input the group that
// its row is in as key. An update that moves a row from one group to another
// becomes two: the old group loses the row, then the new one gains it.
func NewDeal[K, G comparable, V any](
	out *operator.KeyedPool[G, Update[K, V]], by func(K, V) G, hash func(G) uint64,
) operator.Operator {
	return &deal[K, G, V]{out: out, by: by, hash: hash}
}

type deal[K, G comparable, V any] struct {
	out  *operator.KeyedPool[G, Update[K, V]]
	by   func(K, V) G
	hash func(G) uint64
	to   *operator.Keyed[G, Update[K, V]] // being filled
}

func (d *deal[K, G, V]) Process(_ int, b operator.Batch, out operator.Outbox) error {
	in := b.(*operator.Records[Update[K, V]])
	d.to = d.out.Get()
	if err := d.apply(in, out); err != nil {
		return err
	}
	in.Release()
	if d.to.Len() == 0 {
		d.to.Release()
		return nil
	}
	return out.Emit(0, d.to)
}

func (d *deal[K, G, V]) apply(
	in *operator.Records[Update[K, V]], out operator.Outbox,
) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		if err := d.deal(in.Values[i], in.Times[i], out); err != nil {
			return err
		}
	}
	return nil
}

func (d *deal[K, G, V]) deal(u Update[K, V], at operator.Timestamp, out operator.Outbox) error {
	switch u.Kind {
	case Inserted:
		return d.put(d.by(u.Key, u.After), u, at, out)
	case Deleted:
		return d.put(d.by(u.Key, u.Before), u, at, out)
	}
	from, to := d.by(u.Key, u.Before), d.by(u.Key, u.After)
	if from == to {
		return d.put(to, u, at, out)
	}
	lost := Update[K, V]{Key: u.Key, Kind: Deleted, Before: u.Before}
	if err := d.put(from, lost, at, out); err != nil {
		return err
	}
	return d.put(to, Update[K, V]{Key: u.Key, Kind: Inserted, After: u.After}, at, out)
}

func (d *deal[K, G, V]) put(
	g G, u Update[K, V], at operator.Timestamp, out operator.Outbox,
) error {
	to := d.to
	to.Keys, to.Hashes = append(to.Keys, g), append(to.Hashes, d.hash(g))
	to.Values, to.Times = append(to.Values, u), append(to.Times, at)
	if !to.Full() {
		return nil
	}
	d.to = d.out.Get()
	return out.Emit(0, to)
}

// NewRegroup makes the operator that keeps one row for each group of rows: their
// aggregate, which must have Subtract. Its input is what [NewDeal] emits. The
// state is named "groups".
func NewRegroup[K, G comparable, V, A any, R comparable](
	out *operator.Pool[Update[G, R]], a agg.Aggregate[V, A, R],
) operator.Operator {
	return &regroup[K, G, V, A, R]{out: out, agg: a}
}

type regroup[K, G comparable, V, A any, R comparable] struct {
	out    *operator.Pool[Update[G, R]]
	agg    agg.Aggregate[V, A, R]
	groups operator.Updater[G, grouped[A, R]]
}

// grouped is the row of a group, with what it is made of and of how many rows.
type grouped[A, R any] struct {
	Rows int64
	Acc  A
	Row  R
}

func (r *regroup[K, G, V, A, R]) Open(rt *operator.Runtime) (err error) {
	r.groups, err = operator.OpenUpdater(rt.State, state.Spec[G, grouped[A, R]]{Name: "groups"})
	return err
}

func (r *regroup[K, G, V, A, R]) Process(_ int, b operator.Batch, out operator.Outbox) error {
	in, to := b.(*operator.Keyed[G, Update[K, V]]), r.out.Get()
	if err := r.apply(in, to); err != nil {
		return err
	}
	in.Release()
	return emit(to, out)
}

func (r *regroup[K, G, V, A, R]) apply(
	in *operator.Keyed[G, Update[K, V]], to *operator.Records[Update[G, R]],
) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		x, created := r.groups.UpdateNext(in.Keys, in.Hashes, i)
		if created {
			if in.Values[i].Kind != Inserted {
				return unknown(in.Keys[i], in.Values[i])
			}
			x.Acc = r.agg.Zero()
		}
		after := row[R]{There: r.settle(x, &in.Values[i])}
		if after.There {
			after.Value = r.agg.Result(x.Acc)
		}
		u, ok := change(in.Keys[i], row[R]{x.Row, !created}, after)
		if x.Row = after.Value; !after.There {
			r.groups.Delete(in.Keys[i], in.Hashes[i])
		}
		if ok {
			to.Append(u, in.Times[i])
		}
	}
	return nil
}

// settle takes the row as it was from the group and adds the row as it is. It
// reports whether the group has rows left.
func (r *regroup[K, G, V, A, R]) settle(x *grouped[A, R], u *Update[K, V]) bool {
	if u.Kind != Deleted {
		x.Acc = r.agg.Add(x.Acc, u.After)
		x.Rows++
	}
	if u.Kind != Inserted {
		x.Acc = r.agg.Subtract(x.Acc, r.agg.Add(r.agg.Zero(), u.Before))
		x.Rows--
	}
	return x.Rows > 0
}

// unknown is why a row cannot be taken from a group that has none.
func unknown[K, G comparable, V any](g G, u Update[K, V]) error {
	return fmt.Errorf("%v of row %s: its group %s is empty; the function that gives rows their "+
		"groups must depend on its arguments alone, and must be the one that the state was made by",
		u.Kind, operator.Describe(u.Before), operator.Describe(g))
}
