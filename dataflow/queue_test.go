package dataflow

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

func TestQueueOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var q queue[timer]
	var want []operator.Timestamp
	for i := range 500 {
		at := operator.Timestamp(r.IntN(100))
		want = append(want, at)
		if i < 250 {
			q.items = append(q.items, timer{at: at, seq: uint64(i)})
		} else {
			q.heapify()
			q.push(timer{at: at, seq: uint64(i)})
		}
	}
	slices.Sort(want)
	last := timer{}
	for i, at := range want {
		x := q.pop()
		if x.at != at || i > 0 && x.before(last) {
			t.Fatalf("item %d: got %v after %v, want time %d", i, x, last, at)
		}
		last = x
	}
}

// opened is a scope with timers and a backend of its own.
func opened(t *testing.T) (*scope, *state.Backend) {
	t.Helper()
	hash, err := codec.HashFor[int]()
	if err != nil {
		t.Fatal(err)
	}
	k, err := newKeys(hash)
	if err != nil {
		t.Fatal(err)
	}
	b := state.NewBackend(state.Config{Step: "step"})
	s := &scope{step: "step", keys: k, watermark: operator.MinTimestamp}
	if err := s.event.timers.open(s, b, "timers/event"); err != nil {
		t.Fatal(err)
	}
	key := 7
	_, s.key, err = k.append(nil, &key)
	s.hash = hash(key)
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

// What is derived from tables must stay as small as they are, however often
// entries come and go.
func TestDerivedStaysBounded(t *testing.T) {
	const rounds = 10_000
	t.Run("timers", func(t *testing.T) {
		s, _ := opened(t)
		x := &s.event.timers
		for i := range operator.Timestamp(rounds) {
			x.set(s, i)
			x.delete(s, i-10)
		}
		if n, live := len(x.queue.items), x.table.Len(); live != 10 || n > 2*live+slack+1 {
			t.Errorf("a queue of %d for %d timers", n, live)
		}
	})
	t.Run("expiry", func(t *testing.T) {
		s, b := opened(t)
		v := NewValue[int]("v", TTL(1)).cell
		if err := v.bind(s, b); err != nil {
			t.Fatal(err)
		}
		for i := range operator.Timestamp(rounds) {
			s.present = i
			v.expiry.written(s.key, s.hash)
			v.expiry.cleared(s.key, s.hash)
		}
		if n := len(v.expiry.queue.items); n > slack+2 {
			t.Errorf("a queue of %d for no deadline", n)
		}
	})
	t.Run("index", func(t *testing.T) {
		s, b := opened(t)
		m := NewMapState[int, int]("m")
		if err := m.cell.bind(s, b); err != nil {
			t.Fatal(err)
		}
		c := &Context[int, int]{}
		c.s = *s
		m.cell.owner = &c.s
		if err := m.Put(c, -1, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Len(c); err != nil { // builds the index
			t.Fatal(err)
		}
		for i := range rounds {
			if err := m.Put(c, i, 0); err != nil {
				t.Fatal(err)
			}
			if err := m.Delete(c, i); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(m.cell.index.sets[s.key].keys); n > 2*2+slack {
			t.Errorf("an index of %d for one entry", n)
		}
	})
}
