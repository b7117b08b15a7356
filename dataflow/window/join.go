package window

import (
	"cmp"
	"iter"
	"slices"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// JoinPools are the batches of a join's outputs: results on port 0, late
// records of the left input on port 1 and of the right input on port 2.
type JoinPools[L, R, U any] struct {
	Out   *operator.Pool[U]
	Left  *operator.Pool[L]
	Right *operator.Pool[R]
}

// NewJoin makes the operator that pairs, for every key and window of spec, each
// record of input port 0, a Keyed[K, L], with each of port 1, a Keyed[K, R].
// The pairs go out when the window ends, in order of arrival, with the window's
// last instant as event time. A record within the allowed lateness is paired at
// once with what the windows that have ended hold; a session that it is in is
// paired again as a whole, because the record may have joined two.
//
// The states "left" and "right" hold one entry per record, so a checkpoint
// writes each record once. In memory a record costs 8 bytes more.
func NewJoin[K comparable, L, R, U any](
	spec Spec, f func(K, L, R) U, hash func(K) uint64, pools JoinPools[L, R, U],
) operator.Operator {
	pairs := func(key K, left []L, right []R) iter.Seq[U] {
		return func(yield func(U) bool) {
			for _, l := range left {
				for _, r := range right {
					if !yield(f(key, l, r)) {
						return
					}
				}
			}
		}
	}
	return newJoiner(spec, pairs, hash, pools, false)
}

// NewCoGroup is like [NewJoin] but gives f all records of a key's window at
// once, including keys that only one side has; the slices are in order of
// arrival and f's only while it yields. A record within the allowed lateness
// has f called again for its window.
func NewCoGroup[K comparable, L, R, U any](
	spec Spec, f func(K, []L, []R) iter.Seq[U], hash func(K) uint64, pools JoinPools[L, R, U],
) operator.Operator {
	return newJoiner(spec, f, hash, pools, true)
}

// joiner keeps the records of both sides and matches them when its cutter
// says that a window is due.
type joiner[K comparable, L, R, U any] struct {
	spec  Spec
	hash  func(K) uint64
	group func(K, []L, []R) iter.Seq[U]
	whole bool // groups need not have both sides
	cut   cutter[K]

	rt        *operator.Runtime
	watermark operator.Timestamp
	out       outlet[U]
	left      side[K, L]
	right     side[K, R]
	number    uint64 // of the next record
	who       [1]K   // the key at hand, for errors
}

// cutter assigns records to windows, by number. It is derived from the state.
type cutter[K comparable] interface {
	begin(watermark operator.Timestamp)
	// place assigns a record. It reports false if no window takes it.
	place(a arrival[K], watermark operator.Timestamp) bool
	// repeat matches what was placed last in windows that have fired.
	repeat(a arrival[K], watermark operator.Timestamp, out operator.Outbox) error
	// advance matches the windows that end by the watermark.
	advance(watermark operator.Timestamp, out operator.Outbox) error
}

// arrival is a record on its way into a window.
type arrival[K comparable] struct {
	key    K
	hash   uint64
	at     operator.Timestamp
	port   int
	number uint64
}

// matcher is what a cutter needs of its joiner.
type matcher[K comparable] interface {
	// match emits what the records of p make, as of a window until end.
	match(key K, hash uint64, p pile, end operator.Timestamp, out operator.Outbox) error
	// forget deletes the records of p.
	forget(key K, hash uint64, p pile)
	// soon notes that one of the two will be called, and fetch fetches what they
	// will need.
	soon(hash uint64, p pile)
	fetch()
}

// pile is the numbers of records by side, in order of arrival.
type pile [2][]uint64

func newJoiner[K comparable, L, R, U any](
	spec Spec, group func(K, []L, []R) iter.Seq[U], hash func(K) uint64,
	pools JoinPools[L, R, U], whole bool,
) operator.Operator {
	j := &joiner[K, L, R, U]{spec: spec, hash: hash, group: group, whole: whole}
	j.out.pool = pools.Out
	j.left.late.port, j.left.late.pool = 1, pools.Left
	j.right.late.port, j.right.late.pool = 2, pools.Right
	if spec.Kind == SessionKind {
		j.cut = &sessionCutter[K]{matcher: j, spans: newSpans[K, pile](spec)}
	} else {
		j.cut = newPaneCutter(spec, matcher[K](j), whole)
	}
	return j
}

func (j *joiner[K, L, R, U]) Open(rt *operator.Runtime) (err error) {
	j.rt, j.watermark = rt, rt.Watermark
	j.cut.begin(rt.Watermark)
	if err = j.left.open(rt.State, "left", j.hash); err != nil {
		return err
	}
	if err = j.right.open(rt.State, "right", j.hash); err != nil {
		return err
	}
	stored := j.right.list(1, j.hash, j.left.list(0, j.hash, nil))
	slices.SortFunc(stored, func(a, b arrival[K]) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.hash, b.hash))
	})
	for _, a := range stored {
		j.cut.place(a, operator.MinTimestamp)
		j.number = a.number + 1
	}
	return nil
}

func (j *joiner[K, L, R, U]) Process(port int, b operator.Batch, out operator.Outbox) error {
	var err error
	if port == 0 {
		err = accept(j, &j.left, port, b.(*operator.Keyed[K, L]), out)
	} else {
		err = accept(j, &j.right, port, b.(*operator.Keyed[K, R]), out)
	}
	if err != nil {
		return err
	}
	b.Release()
	return j.flush(out)
}

// accept takes the records of one side.
func accept[K comparable, L, R, U, V any](
	j *joiner[K, L, R, U], s *side[K, V], port int, in *operator.Keyed[K, V], out operator.Outbox,
) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		if j.spec.timeless(in.Times[i]) {
			return j.spec.needTime(in.Values[i])
		}
		a := arrival[K]{in.Keys[i], in.Hashes[i], in.Times[i], port, j.number}
		if !j.cut.place(a, j.watermark) {
			if err := s.late.add(in.Values[i], a.at, out); err != nil {
				return err
			}
			continue
		}
		j.number++
		s.put(a, in.Values[i])
		if err := j.cut.repeat(a, j.watermark, out); err != nil {
			return err
		}
	}
	return nil
}

// Watermark matches the windows whose time has come and forgets the records
// that no window needs any more.
func (j *joiner[K, L, R, U]) Watermark(at operator.Timestamp, out operator.Outbox) error {
	if at <= j.watermark {
		return nil
	}
	j.watermark = at
	if err := j.advance(out); err != nil {
		return err
	}
	return j.flush(out)
}

func (j *joiner[K, L, R, U]) advance(out operator.Outbox) (err error) {
	i := 0
	defer operator.Guard(&err, &i, j.who[:])
	return j.cut.advance(j.watermark, out)
}

func (j *joiner[K, L, R, U]) match(
	key K, hash uint64, p pile, end operator.Timestamp, out operator.Outbox,
) error {
	if !j.whole && (len(p[0]) == 0 || len(p[1]) == 0) {
		return nil
	}
	j.who[0] = key
	left, right := j.left.gather(key, hash, p[0]), j.right.gather(key, hash, p[1])
	for u := range j.group(key, left, right) {
		if err := j.out.add(u, end.Add(-1), out); err != nil {
			return err
		}
	}
	j.left.reset()
	j.right.reset()
	return nil
}

func (j *joiner[K, L, R, U]) forget(key K, hash uint64, p pile) {
	j.left.drop(key, hash, p[0])
	j.right.drop(key, hash, p[1])
}

func (j *joiner[K, L, R, U]) soon(hash uint64, p pile) {
	j.left.soon(hash, p[0])
	j.right.soon(hash, p[1])
}

func (j *joiner[K, L, R, U]) fetch() {
	j.left.look.fetch()
	j.right.look.fetch()
}

func (j *joiner[K, L, R, U]) flush(out operator.Outbox) error {
	if err := j.out.flush(out); err != nil {
		return err
	}
	if err := j.left.late.flush(j.rt, out); err != nil {
		return err
	}
	return j.right.late.flush(j.rt, out)
}

// side is one input of a join with the records it has in windows.
type side[K comparable, V any] struct {
	table   state.Keyed[numbered[K], stamped[V]]
	look    ahead
	late    lateOutlet[V]
	scratch []V
}

// stamped is a record with its event time, from which its windows follow.
type stamped[V any] struct {
	At    operator.Timestamp
	Value V
}

func (s *side[K, V]) open(b *state.Backend, name string, hash func(K) uint64) (err error) {
	s.table, err = state.Open(b, state.Spec[numbered[K], stamped[V]]{
		Name: name, Hash: numberedHash(hash),
	})
	s.look.at(s.table)
	return err
}

// list appends what the table holds as arrivals at a port.
func (s *side[K, V]) list(port int, hash func(K) uint64, to []arrival[K]) []arrival[K] {
	s.table.Range(func(n numbered[K], v *stamped[V]) bool {
		to = append(to, arrival[K]{n.Key, hash(n.Key), v.At, port, n.Number})
		return true
	})
	return to
}

func (s *side[K, V]) put(a arrival[K], v V) {
	at, _ := s.table.Update(numbered[K]{a.key, a.number}, state.SubHash(a.hash, a.number))
	*at = stamped[V]{a.at, v}
}

// gather copies records, which stay as they are until reset.
func (s *side[K, V]) gather(key K, hash uint64, numbers []uint64) []V {
	for _, n := range numbers {
		r := s.table.Get(numbered[K]{key, n}, state.SubHash(hash, n))
		s.scratch = append(s.scratch, r.Value)
	}
	return s.scratch
}

// maxScratch is how much room a side keeps for the next group.
const maxScratch = 4 * operator.BatchSize

func (s *side[K, V]) reset() {
	if cap(s.scratch) > maxScratch {
		s.scratch = nil
	}
	clear(s.scratch)
	s.scratch = s.scratch[:0]
}

func (s *side[K, V]) soon(hash uint64, numbers []uint64) {
	for _, n := range numbers {
		s.look.add(state.SubHash(hash, n))
	}
}

func (s *side[K, V]) drop(key K, hash uint64, numbers []uint64) {
	for _, n := range numbers {
		s.table.Delete(numbered[K]{key, n}, state.SubHash(hash, n))
	}
}
