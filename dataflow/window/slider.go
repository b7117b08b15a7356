package window

import "github.com/flyball-stream/flyball/dataflow/operator"

// slider is the running aggregate of one key's current window, a queue of
// panes that grows at one end and shrinks at the other.
//
// It is the two-stacks queue of Tangwongsan, Hirzel, Schneider and Wu
// (General incremental sliding-window aggregation, VLDB 2015): back is the
// aggregate of the panes that were added last, front holds for each earlier
// pane the aggregate from it up to those. A pane leaves by dropping the last of
// front; when there is none left, back is unfolded into front. Each pane is
// merged into back once and unfolded once, whatever the size of the window.
type slider[A any] struct {
	front  []suffix[A] // the latest pane first
	back   A
	in     int                // panes in back
	oldest operator.Timestamp // the first of them
	newest operator.Timestamp // the latest pane there is
	stale  bool               // the panes have changed: unfold all of them
}

// suffix is the aggregate of a pane and the later ones of the front.
type suffix[A any] struct {
	start operator.Timestamp
	acc   A
}

// slide gives access to one key's panes and to the aggregate's functions.
type slide[A any] struct {
	zero    func() A
	merge   func(a, b A) A // may change a
	combine func(a, b A) A // leaves a alone
	pane    func(start operator.Timestamp) A
}

// push adds a pane that is later than all others; for any other it leaves the
// work to the next unfold.
func (s *slider[A]) push(start operator.Timestamp, g slide[A]) {
	if empty := s.in == 0 && len(s.front) == 0; !empty && start <= s.newest {
		s.stale = true
		return
	}
	if s.in == 0 {
		s.back, s.oldest = g.zero(), start
	}
	s.back = g.merge(s.back, g.pane(start))
	s.newest = start
	s.in++
}

// unfolds reports whether the window that starts at start will be put together
// from its panes again.
func (s *slider[A]) unfolds(start operator.Timestamp) bool {
	empty := len(s.front) == 0 || s.front[0].start < start
	return s.stale || empty && s.in > 0 && s.oldest < start
}

// amend changes the aggregates that the pane that starts at start is part of.
// Late records are seldom very late, so it is mostly in back.
func (s *slider[A]) amend(start operator.Timestamp, change func(A) A) {
	if s.in > 0 && start >= s.oldest {
		s.back = change(s.back)
		return
	}
	for i := len(s.front) - 1; i >= 0 && s.front[i].start <= start; i-- {
		s.front[i].acc = change(s.front[i].acc)
	}
}

// evict drops the panes before start. It reports whether the rest must be
// unfolded before the next read.
func (s *slider[A]) evict(start operator.Timestamp) bool {
	n := len(s.front)
	for n > 0 && s.front[n-1].start < start {
		n--
	}
	clear(s.front[n:])
	s.front = s.front[:n]
	return s.stale || n == 0 && s.in > 0 && s.oldest < start
}

// unfold sets the slider to the given panes, ascending, all in front.
func (s *slider[A]) unfold(panes []operator.Timestamp, g slide[A]) {
	clear(s.front)
	s.front = s.front[:0]
	for i := len(panes) - 1; i >= 0; i-- {
		acc := g.pane(panes[i])
		if n := len(s.front); n > 0 {
			acc = g.combine(acc, s.front[n-1].acc)
		} else {
			acc = g.combine(acc, g.zero())
		}
		s.front = append(s.front, suffix[A]{panes[i], acc})
	}
	s.stale, s.in, s.back = false, 0, *new(A)
	if len(panes) > 0 {
		s.newest = panes[len(panes)-1]
	}
}

// read is the aggregate of all panes, of which there must be one. It must not
// be changed.
func (s *slider[A]) read(g slide[A]) A {
	switch n := len(s.front); {
	case n == 0:
		return s.back
	case s.in == 0:
		return s.front[n-1].acc
	default:
		return g.combine(s.front[n-1].acc, s.back)
	}
}
