package dataflow

import "github.com/flyball-stream/flyball/dataflow/operator"

// A JoinOption sets up a join without windows: an [Option] of its step, or a
// [TTL] or [ProcessingTTL], after which its sides forget a key that they have
// not heard of.
type JoinOption interface{ join(*joinOptions) }

type joinOptions struct {
	step  []Option
	state []StateOption
}

func (o Option) join(to *joinOptions)      { to.step = append(to.step, o) }
func (o StateOption) join(to *joinOptions) { to.state = append(to.state, o) }

func joinOptionsOf(opts []JoinOption) (to joinOptions) {
	for _, o := range opts {
		o.join(&to)
	}
	return to
}

// Match pairs each record of the left stream with each of the right that has
// its key, whenever they come: SQL's regular inner join. A pair has the later
// event time of the two. Nothing is late for Match, but both sides are kept
// for ever, in memory and, once each, in checkpoints, unless a [TTL] bounds
// that:
//
//	// Payments that come within a day of their order, or of another payment.
//	paid := dataflow.Match(orders, "paid", payments, pay, dataflow.TTL(24*time.Hour))
//
// If one side has one record for each key, [Attach] keeps far less. See [Join]
// for pairs within windows.
func Match[K comparable, L, R, U any](
	left Keyed[K, L], name string, right Keyed[K, R], f func(K, L, R) U, opts ...JoinOption,
) Stream[U] {
	o := joinOptionsOf(opts)
	return Connect(left, name, right, func() *match[K, L, R, U] {
		return &match[K, L, R, U]{
			NewList[dated[L]]("left", o.state...), NewList[dated[R]]("right", o.state...), f,
		}
	}, o.step...)
}

// dated is a record as a join keeps it.
type dated[T any] struct {
	V  T
	At operator.Timestamp
}

type match[K comparable, L, R, U any] struct {
	left  List[dated[L]]
	right List[dated[R]]
	f     func(K, L, R) U
}

// ProcessLeft pairs l with what the right side has.
func (m *match[K, L, R, U]) ProcessLeft(c *Context[K, U], l L) error {
	for _, r := range m.right.All(c) {
		c.emit(m.f(c.key, l, r.V), max(c.s.at, r.At))
	}
	return m.left.Append(c, dated[L]{l, c.s.at})
}

// ProcessRight pairs r with what the left side has.
func (m *match[K, L, R, U]) ProcessRight(c *Context[K, U], r R) error {
	for _, l := range m.left.All(c) {
		c.emit(m.f(c.key, l.V, r), max(c.s.at, l.At))
	}
	return m.right.Append(c, dated[R]{r, c.s.at})
}

// Attach pairs each record of many with the one of its key in one, whenever
// they come: a regular join of a stream with one whose keys are unique. A pair
// has the later event time of the two. Records of many that find the other are
// paired and forgotten; those that come before it wait. So what is kept is one
// record for each key, and what waits:
//
//	bidsWithItem := dataflow.Attach(auctionsByID, "items", bidsByAuction,
//		func(_ int64, a Auction, b Bid) ItemBid { return ItemBid{a, b} })
//
// If there is another record of a key in one, it takes the place of the first
// for what comes later; what was paired stays as it is. With a [TTL], the one
// record is forgotten that long after it came, and so are those that wait
// since the last of their key.
func Attach[K comparable, A, B, U any](
	one Keyed[K, A], name string, many Keyed[K, B], f func(K, A, B) U, opts ...JoinOption,
) Stream[U] {
	o := joinOptionsOf(opts)
	return Connect(one, name, many, func() *attach[K, A, B, U] {
		return &attach[K, A, B, U]{
			NewValue[dated[A]]("one", o.state...), NewList[dated[B]]("waiting", o.state...), f,
		}
	}, o.step...)
}

type attach[K comparable, A, B, U any] struct {
	one     Value[dated[A]]
	waiting List[dated[B]]
	f       func(K, A, B) U
}

// ProcessLeft takes the one record of a key and pairs it with what waits.
func (t *attach[K, A, B, U]) ProcessLeft(c *Context[K, U], a A) error {
	for _, b := range t.waiting.All(c) {
		c.emit(t.f(c.key, a, b.V), max(c.s.at, b.At))
	}
	if err := t.waiting.Clear(c); err != nil {
		return err
	}
	return t.one.Set(c, dated[A]{a, c.s.at})
}

// ProcessRight pairs b, or has it wait.
func (t *attach[K, A, B, U]) ProcessRight(c *Context[K, U], b B) error {
	a, ok, err := t.one.Lookup(c)
	if err != nil {
		return err
	}
	if !ok {
		return t.waiting.Append(c, dated[B]{b, c.s.at})
	}
	c.emit(t.f(c.key, a.V, b), max(c.s.at, a.At))
	return nil
}
