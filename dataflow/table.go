package dataflow

import (
	"errors"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/table"
)

// Update is one change of a row of a [Table]: the row's key, the kind of the
// change, and the row before and after, zero where there is none. Each Before
// is the After of the key's last update, so that a sum over rows can be kept
// exact by adding After and taking back Before.
type Update[K comparable, V any] = table.Update[K, V]

// ChangeKind is what has become of a row: [Inserted], [Changed] or [Deleted].
// In JSON and text it is "insert", "change" or "delete".
type ChangeKind = table.ChangeKind

// The kinds of change of an [Update].
const (
	Inserted = table.Inserted // the row was not there before
	Changed  = table.Changed  // the row has another value
	Deleted  = table.Deleted  // the row is gone
)

// Table is one row of type V for each key that has one, kept up to date as
// records come. It is a stream of updates; its rows are in the state of the
// step that makes it. It is a small value, as [Stream] is.
//
// The functions and aggregates that make tables decide what updates take back
// as well as what they add. They must depend on their arguments alone, and
// should stay the same while their state lives: one that is changed makes
// other rows of what comes from then on.
//
// Every record changes the tables behind it at once and by itself. A row that
// is made of two others is therefore emitted with the one that has changed
// already and the one that is about to; write tables through [Latest] where
// nobody must see that.
type Table[K comparable, V any] struct {
	updates Stream[Update[K, V]]
	hash    func(K) uint64
}

// Updates is the stream of the table's updates, with the event times of the
// records that they come from. Those of a key are in order; the order of
// different keys' is open.
func (t Table[K, V]) Updates() Stream[Update[K, V]] { return t.updates }

// Fold makes a table of a keyed stream: the aggregate of each key's records,
// for ever. A record that leaves the result as it was makes no update; NaN
// counts as a change. What a row was is the aggregate's Result before the
// record, so Result is called twice a record and must not point to what Add
// changes in place.
func Fold[K comparable, T, A any, R comparable](
	k Keyed[K, T], name string, a agg.Aggregate[T, A, R], opts ...Option,
) Table[K, R] {
	k.g.failIf(name, errors.Join(checkFold(a), checkState[A]("accumulator"), checkState[R]("row")))
	s := step(k.port, name, "fold "+a.Name,
		func(out *operator.Pool[Update[K, R]]) operator.Operator {
			return table.NewFold[K](out, a)
		}, opts)
	return Table[K, R]{s, k.hash}
}

// Regroup makes a table of the rows of another: the aggregate of the rows of
// each group that by puts them in. When a row changes, the group takes back
// what it was, with the aggregate's Subtract, and adds what it is, or another
// group does. A group without rows has no row of its own. A change that leaves
// the result as it was makes no update; NaN counts as a change.
//
// It makes two steps: the one called name, and before it one called name/group,
// which gives updates their groups.
func Regroup[K, G comparable, V, A any, R comparable](
	t Table[K, V], name string, by func(K, V) G, a agg.Aggregate[V, A, R], opts ...Option,
) Table[G, R] {
	g := t.updates.g
	hash, err := codec.HashFor[G]()
	if err != nil {
		err = fmt.Errorf("group: %w", err)
	}
	if a.Subtract == nil {
		err = errors.Join(err, fmt.Errorf("aggregate %q lacks Subtract, with which rows are taken "+
			"back", a.Name))
	}
	g.failIf(name, errors.Join(err, checkFold(a), checkState[A]("accumulator"),
		checkState[R]("row")))
	keyed := rekey(t.updates.port, name+"/group",
		func(pool *operator.KeyedPool[G, Update[K, V]]) operator.Operator {
			return table.NewDeal(pool, by, hash)
		})
	s := step(keyed, name, "regroup "+a.Name,
		func(out *operator.Pool[Update[G, R]]) operator.Operator {
			return table.NewRegroup[K](out, a)
		}, opts)
	return Table[G, R]{s, hash}
}

// JoinTables makes a table of the rows that two others have for a key: of those
// keys for which f returns true, the row that it returns. It is a full outer
// join: a or b is nil if the left or the right table has no row, never both. f
// must not change what they point at nor keep the pointers. A change that
// leaves the row as it was makes no update; NaN counts as a change.
//
// It makes three steps: the one called name, and before it name/left and
// name/right, which bring the two rows of a key together.
func JoinTables[K comparable, A, B any, U comparable](
	left Table[K, A], name string, right Table[K, B], f func(k K, a *A, b *B) (U, bool),
	opts ...Option,
) Table[K, U] {
	g := left.updates.g
	err := checkState[U]("row")
	if g != right.updates.g {
		err = errors.Join(err, errors.New("the two tables belong to different flows"))
	}
	g.failIf(name, err)
	pool := operator.NewPool[Update[K, U]]()
	at := g.add(&plan.Step{
		Name: name, Kind: "join tables", Outputs: []operator.Shape{pool},
		Inputs: []plan.Input{left.byKey(name + "/left").input(), right.byKey(name + "/right").input()},
		New:    func() operator.Operator { return table.NewJoin(pool, f) },
	}, opts)
	return Table[K, U]{Stream[Update[K, U]]{port{g: g, from: at}, pool}, left.hash}
}

// byKey adds a step that gives updates their key.
func (t Table[K, V]) byKey(name string) port {
	return rekey(t.updates.port, name,
		func(pool *operator.KeyedPool[K, Update[K, V]]) operator.Operator {
			return operator.KeyBy(pool, func(u Update[K, V]) K { return u.Key }, t.hash)
		})
}

// rekey adds a step that gives records keys, for a verb that needs it. It runs
// in the tasks of the step before, so that records stay in order.
func rekey[K comparable, T any](
	in port, name string, op func(*operator.KeyedPool[K, T]) operator.Operator,
) port {
	pool := operator.NewKeyedPool[K, T]()
	at := in.g.add(&plan.Step{
		Name: name, Kind: "key by", Inputs: in.inputs(), Outputs: []operator.Shape{pool},
		Parallelism: in.g.g.Steps[in.from].Parallelism,
		New:         func() operator.Operator { return op(pool) },
	}, nil)
	return port{g: in.g, from: at, how: plan.Hash}
}

// checkFold finds what an aggregate lacks to make rows.
func checkFold[T, A, R any](a agg.Aggregate[T, A, R]) error {
	if a.Add == nil || a.Result == nil {
		return fmt.Errorf("aggregate %q lacks Add or Result", a.Name)
	}
	return nil
}

// checkState finds why values of a type cannot be kept in state.
func checkState[T any](what string) error {
	if _, err := codec.For[T](); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// failIf records a mistake, if there is one.
func (g *Graph) failIf(step string, err error) {
	if err != nil {
		g.Fail(step, err)
	}
}
