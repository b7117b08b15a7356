package governor

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// server processes micro-batches for a policy: a + n/µ and what a checkpoint
// takes, one batch after the other.
type server struct {
	p          BatchPolicy
	fixed      time.Duration
	rate       float64
	checkpoint func(i int) time.Duration // 0 for none in batch i
	free       time.Duration
	queue      []QueuedBatch
	done       []CompletedBatch // not yet told
	told       int
	i          int
}

const batchInterval = time.Second

// next forms a batch and returns its size and its delay.
func (s *server) next() (records int64, delay time.Duration, why Reason) {
	now := time.Duration(s.i) * batchInterval
	for s.told < len(s.done) && s.done[s.told].Done <= now {
		s.p.Done(s.done[s.told])
		s.told++
	}
	u := Upcoming{Now: now, Closes: now + batchInterval, Interval: batchInterval}
	for j := s.told; j < len(s.done); j++ {
		q := s.queue[j]
		if q.Started > now {
			q.Started = -1
		}
		u.Queue = append(u.Queue, q)
	}
	var cost time.Duration
	if s.checkpoint != nil {
		cost = s.checkpoint(s.i)
	}
	u.Checkpoint, u.Dirty, u.State = cost > 0, 100e6, 1e9
	records, why = s.p.Size(u)
	start := max(u.Closes, s.free)
	s.free = start + s.fixed + fromSeconds(float64(records)/s.rate) + cost
	s.queue = append(s.queue, QueuedBatch{
		Records: records, Closes: u.Closes, Started: start, Checkpoint: u.Checkpoint,
		Dirty: u.Dirty, State: u.State,
	})
	s.done = append(s.done, CompletedBatch{
		Records: records, Closed: u.Closes, Started: start, Done: s.free, Checkpoint: cost,
		Dirty: u.Dirty, State: u.State,
	})
	s.i++
	return records, s.free - now, why
}

func budget(t *testing.T, g Goals) *BudgetBatch {
	t.Helper()
	p, err := NewBudgetBatch(g, batchInterval, 5e3)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBudgetBatchFillsTheInterval(t *testing.T) {
	s := server{p: budget(t, Goals{}), fixed: 300 * ms, rate: 50e3}
	var n int64
	for range 100 {
		n, _, _ = s.next()
	}
	if want := 0.7 * 50e3; relativeTo(float64(n), want) > 0.02 {
		t.Errorf("got batches of %d, want %.0f", n, want)
	}
}

// TestBudgetBatchMakesRoom has a checkpoint of half a second in every fifth
// batch: that batch must be smaller by it, before it happens.
func TestBudgetBatchMakesRoom(t *testing.T) {
	s := server{p: budget(t, Goals{}), fixed: 100 * ms, rate: 50e3}
	s.checkpoint = func(i int) time.Duration {
		if i%5 == 4 {
			return 500 * ms
		}
		return 0
	}
	for range 100 {
		s.next()
	}
	for range 10 {
		i := s.i
		n, delay, why := s.next()
		want := 0.9 * 50e3
		if i%5 == 4 {
			want = 0.4 * 50e3
			if why.Window != BoundCheckpoint || relative(why.Stall, 500*ms) > 0.02 {
				t.Errorf("batch %d: got %v, want the checkpoint named", i, why)
			}
		}
		if relativeTo(float64(n), want) > 0.05 || delay > 2050*ms {
			t.Errorf("batch %d: got %d records, done after %v, want %.0f after 2 s", i, n, delay, want)
		}
	}
}

// TestBudgetBatchLeavesTheTrap begins with batches so small that all they show
// is the fixed cost: the policy must not take that for the price of records.
func TestBudgetBatchLeavesTheTrap(t *testing.T) {
	p := budget(t, Goals{})
	for i := range 50 {
		end := time.Duration(i+2) * batchInterval
		p.Done(CompletedBatch{Records: 100, Closed: end - batchInterval,
			Started: end - batchInterval, Done: end - 700*ms + time.Duration(i%3)*20*ms})
	}
	s := server{p: p, fixed: 300 * ms, rate: 50e3, i: 52}
	var n int64
	for range 30 {
		n, _, _ = s.next()
	}
	if want := 0.7 * 50e3; relativeTo(float64(n), want) > 0.05 {
		t.Errorf("got batches of %d, want %.0f", n, want)
	}
}

// TestBudgetBatchTrustsWhatItHasSeen: a batch that took a fraction of its time
// can be scaled up at once, before the model has changed its mind.
func TestBudgetBatchTrustsWhatItHasSeen(t *testing.T) {
	s := server{p: budget(t, Goals{}), fixed: 100 * ms, rate: 5e3}
	var slow, fast int64
	for range 30 {
		slow, _, _ = s.next()
	}
	s.rate = 100e3
	for range 4 { // it takes two until the first such batch is complete
		fast, _, _ = s.next()
	}
	if fast < 2*slow {
		t.Errorf("got batches of %d after %d, want twice as many", fast, slow)
	}
}

func TestBudgetBatchFollowsTheRate(t *testing.T) {
	s := server{p: budget(t, Goals{}), fixed: 200 * ms, rate: 50e3}
	for _, rate := range []float64{50e3, 20e3, 80e3, 5e3} {
		s.rate = rate
		var n int64
		for range 80 { // the last step leaves a backlog of 40
			n, _, _ = s.next()
		}
		if want := 0.8 * rate; relativeTo(float64(n), want) > 0.05 {
			t.Errorf("at %.0f records/s: got batches of %d, want %.0f", rate, n, want)
		}
	}
}

// TestBudgetBatchTellsSpeedFromFixedCost has a rate that wanders within some
// seconds. Sizes follow it, so that all batches take about as long, as if most
// of their time had nothing to do with their records.
func TestBudgetBatchTellsSpeedFromFixedCost(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := budget(t, Goals{})
	s := server{p: p, fixed: 5 * ms}
	var off float64
	var fixed []float64
	for i := range 1000 {
		off = 0.9*off + 0.44*0.2*r.NormFloat64()
		s.rate = 50e3 * math.Exp(off)
		s.next()
		if i >= 100 {
			fixed = append(fixed, p.lately*p.service.Batch())
		}
	}
	slices.Sort(fixed)
	if got := fixed[len(fixed)/2]; got > 0.12 {
		t.Errorf("a batch of a second is thought to have a fixed cost of %.3f s, and has one of 0.005", got)
	}
}

func TestBudgetBatchKeepsTheLatencyGoal(t *testing.T) {
	goal := 2100 * ms
	s := server{p: budget(t, Goals{Latency: goal}), fixed: 100 * ms, rate: 50e3}
	s.checkpoint = func(i int) time.Duration {
		if i%5 == 4 {
			return 400*ms + time.Duration(i%3)*100*ms // 400 to 600 ms
		}
		return 0
	}
	missed := 0
	for i := range 200 {
		if _, delay, _ := s.next(); i >= 50 && delay > goal+200*ms {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("%d batches are late by more than the checkpoints vary", missed)
	}
}

func TestBudgetBatchNamesAnImpossibleGoal(t *testing.T) {
	s := server{p: budget(t, Goals{Latency: 1500 * ms}), fixed: 100 * ms, rate: 50e3}
	s.checkpoint = func(i int) time.Duration { return 2 * time.Second * time.Duration(i%2) }
	found := false
	for range 50 {
		_, _, why := s.next()
		found = found || why.Conflict == LatencyBelowStall && why.Window == BoundFloor
	}
	if !found {
		t.Error("a stall of 2 s under a goal of 1.5 s: no conflict was named")
	}
}

func TestPIDBatchIsSparks(t *testing.T) {
	p, err := NewPIDBatch(SparkGains, batchInterval, 1000)
	if err != nil {
		t.Fatal(err)
	}
	u := Upcoming{Interval: batchInterval}
	if n, _ := p.Size(u); n != 1000 {
		t.Errorf("before any batch: got %d, want the initial 1000", n)
	}
	p.Done(CompletedBatch{Records: 1000, Closed: 1e9, Started: 1e9, Done: 15e8})
	if n, _ := p.Size(u); n != 1000 {
		t.Errorf("after the first, which primes: got %d, want 1000", n)
	}
	// 1000 in half a second, a fifth of a second late: 2000 × (1 − 0.2 × 0.2)
	p.Done(CompletedBatch{Records: 1000, Closed: 2e9, Started: 22e8, Done: 27e8})
	if n, why := p.Size(u); n != 1920 || why.Rate != BoundPID {
		t.Errorf("after the second: got %d, %v, want 1920", n, why)
	}
}

func TestFixedBatch(t *testing.T) {
	p := FixedBatch(7)
	p.Done(CompletedBatch{Records: 100, Done: 1})
	if n, why := p.Size(Upcoming{}); n != 7 || why.Rate != BoundFixed {
		t.Errorf("got %d, %v, want 7", n, why)
	}
}
