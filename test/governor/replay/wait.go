package replay

import (
	"context"
	"sync"
	"time"
)

// tick is how often a paced split is read at most: its records leave together.
const tick = time.Millisecond

// wait returns how many records may leave now, at most n, once there is one.
func (r *reader) wait(ctx context.Context, n int64) (int64, error) {
	p := r.player
	if p.For > 0 && time.Since(r.began) >= p.For {
		return 0, errOver
	}
	if !p.Pace.Paced() || n <= 0 {
		return max(n, 0), ctx.Err()
	}
	splits := int64(p.Splits)
	first, last := p.Pace.Due(r.split+r.next*splits), p.Pace.Due(r.split+(r.next+n-1)*splits)
	now := time.Since(r.began)
	if last <= now { // behind, or a whole batch is due
		r.read = now
		return n, ctx.Err()
	}
	if d := max(first, min(r.read+tick, now+tick)) - now; d > 0 {
		over := time.NewTimer(d)
		defer over.Stop()
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-over.C:
		}
	}
	r.read = time.Since(r.began)
	if p.For > 0 && r.read >= p.For {
		return 0, errOver
	}
	// Of the records that are due, these are the split's.
	due := (p.Pace.Count(r.read) - r.split + splits - 1) / splits
	return max(1, min(n, due-r.next)), ctx.Err() // the first has been waited for
}

// noted is how many batches of each split are remembered.
const noted = 1 << 17

// departures are when records left. They are safe for concurrent use.
type departures struct {
	mu     sync.Mutex
	began  time.Time
	splits []departed
}

// departed are the latest batches of one split, in a ring.
type departed struct {
	marks []mark
	next  int   // place of the oldest mark, once the ring is full
	count int64 // records
}

// mark says that the split's records before upto, back to the previous mark,
// left at a time.
type mark struct {
	upto int64
	at   time.Duration // since the beginning
}

// begin is when the first split was opened.
func (d *departures) begin() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.began.IsZero() {
		d.began = time.Now()
	}
	return d.began
}

func (d *departures) start() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.began
}

// note says that the split has now played so many records.
func (d *departures) note(split int, upto int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.splits[split].note(mark{upto, time.Since(d.began)})
}

func (s *departed) note(m mark) {
	if s.count = m.upto; len(s.marks) < noted {
		s.marks = append(s.marks, m)
		return
	}
	s.marks[s.next] = m
	s.next = (s.next + 1) % noted
}

// when is the time at which the split's record i left.
func (s *departed) when(i int64) (time.Duration, bool) {
	if i >= s.count {
		return 0, false
	}
	low, high := 0, len(s.marks)-1 // the first mark beyond i is among these
	for low < high {
		mid := (low + high) / 2
		if s.marks[(s.next+mid)%len(s.marks)].upto > i {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return s.marks[(s.next+low)%len(s.marks)].at, true
}

// at is when record i left, or all of one from each split from there on.
func (d *departures) at(i int64, whole bool) (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := int64(len(d.splits))
	if n == 0 {
		return time.Time{}, false
	}
	count := int64(1)
	if whole {
		count = n
	}
	var last time.Duration
	for k := i; k < i+count; k++ {
		t, ok := d.splits[k%n].when(k / n)
		if !ok {
			return time.Time{}, false
		}
		last = max(last, t)
	}
	return d.began.Add(last), true
}

func (d *departures) counts() (counts []int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.splits {
		counts = append(counts, d.splits[i].count)
	}
	return counts
}
