package dataflow

import (
	"errors"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Release says when [Latest] lets go of what it holds back.
type Release struct{ atEnd bool }

// AtBarrier releases at every checkpoint and at the end of the input. All that
// is released at one checkpoint, by this step and by others, is made of the
// same records: those that the sources had read when it began. What
// transactional sinks show of a checkpoint is then never part of a change
// without the rest, also after failures; the sinks show it one after the other.
func AtBarrier() Release { return Release{} }

// AtEnd releases when the input has ended: the results of a flow whose input
// is bounded. A flow that is stopped before that goes on to hold them back in
// its state.
func AtEnd() Release { return Release{atEnd: true} }

// String is "at barrier" or "at end".
func (r Release) String() string {
	if r.atEnd {
		return "at end"
	}
	return "at barrier"
}

// Latest holds back the last record of each key and releases it later, in place
// of all that came since the last release. So it thins out results that are
// updated, and it makes them consistent; see [AtBarrier]. Records that are
// released together come in the order in which their keys did.
//
// The last record is the last to arrive: those of a key must come from one
// subtask, as what keyed steps and tables emit does. A record keeps its event
// time, so that windows behind Latest may find it late. Of the updates of a
// table Key, Kind and After are worth holding back: Before is what the row was
// before its last change, not at the last release, and a row may be deleted
// that was never released.
//
// What is held back is state: one record of each key. Latest makes two steps:
// the one called name, and before it one called name/key, which gives records
// their keys.
func Latest[K comparable, T any](
	s Stream[T], name string, key func(T) K, when Release, opts ...Option,
) Stream[T] {
	hash, err := codec.HashFor[K]()
	if err != nil {
		err = fmt.Errorf("key: %w", err)
	}
	s.g.failIf(name, errors.Join(err, checkState[T]("record")))
	keyed := rekey(s.port, name+"/key",
		func(pool *operator.KeyedPool[K, T]) operator.Operator {
			return operator.KeyBy(pool, key, hash)
		})
	return step(keyed, name, "latest "+when.String(),
		func(out *operator.Pool[T]) operator.Operator {
			return operator.Latest(out, hash, !when.atEnd)
		}, opts)
}
