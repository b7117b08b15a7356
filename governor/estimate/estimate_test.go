package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

// costs is what checkpoints take in the tests: a fixed part, 10 ns a changed
// byte of the task's own time and as much again to persist.
func costs(dirty int64, noise float64, r *rand.Rand) Checkpoint {
	f := 1 + noise*r.NormFloat64()
	e := time.Duration(f * float64(dirty) * 10)
	return Checkpoint{
		Dirty: dirty, State: 1 << 30, Capture: 2 * ms, Encode: e, Persist: 20*ms + e, Align: ms,
	}
}

func TestCheckpointsPredictWithinAFifth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var c Checkpoints
	var errs []float64
	for i := range 40 {
		k := costs(int64(30e6*(1+0.3*r.NormFloat64())), 0.1, r)
		p := c.Predict(k.Dirty, k.State)
		if i >= 5 {
			own := (k.Capture + k.Encode).Seconds()
			errs = append(errs, math.Abs(p.Own().Seconds()-own)/own)
		}
		c.Observe(k)
	}
	slices.Sort(errs)
	if median := errs[len(errs)/2]; median > 0.2 {
		t.Errorf("median error after five checkpoints: got %.0f%%, want at most 20%%", 100*median)
	}
}

func TestCheckpointsWithoutHistory(t *testing.T) {
	var c Checkpoints
	p := c.Predict(256<<20, 1<<30)
	if p.Samples != 0 || p.Own() != time.Second || p.Margin < p.Own() {
		t.Errorf("got %+v, want a guess of 1 s that says it may be all wrong", p)
	}
	if p := c.Predict(-1, -1); p.Own() != 0 {
		t.Errorf("got %+v for no bytes", p)
	}
}

func TestCheckpointsFollowGrowingState(t *testing.T) {
	var c Checkpoints
	// Full snapshots: the cost is that of all bytes.
	cost := func(state int64) time.Duration { return time.Duration(state * 4) }
	for i := int64(1); i <= 30; i++ {
		state := i * 10e6
		p := c.Predict(20e6, state)
		want := cost(state)
		if i > 5 && relative(p.Own(), want) > 0.2 {
			t.Errorf("checkpoint %d: got %v, want %v", i, p.Own(), want)
		}
		c.Observe(Checkpoint{Dirty: 20e6, State: state, Encode: want})
	}
}

func TestCheckpointsIgnoreImpossibleDurations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var c Checkpoints
	for range 5 {
		c.Observe(costs(10e6, 0, r))
	}
	before := c.Predict(10e6, 1<<30)
	for _, k := range []Checkpoint{{Capture: -1}, {Encode: -time.Hour}, {Dirty: -5}, {Persist: -1}, {Align: -1}} {
		c.Observe(k)
	}
	if after := c.Predict(10e6, 1<<30); after != before {
		t.Errorf("got %+v, want %+v as before", after, before)
	}
}

func TestServiceTellsFixedFromPerRecord(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var s Service
	for range 50 {
		batches := int64(1 + r.IntN(100))
		records := batches * int64(1+r.IntN(500))
		busy := time.Duration(batches)*50*time.Microsecond + time.Duration(records)*time.Microsecond
		s.Observe(Work{Records: records, Batches: batches, Busy: busy})
	}
	if got := s.Batch(); math.Abs(got-50e-6) > 5e-6 {
		t.Errorf("a batch: got %v s, want 50 µs", got)
	}
	if got := s.Record(); math.Abs(got-1e-6) > 1e-7 {
		t.Errorf("a record: got %v s, want 1 µs", got)
	}
	if got, want := s.Rate(100), 100/150e-6; math.Abs(got-want) > 0.05*want {
		t.Errorf("rate in batches of 100: got %.0f, want %.0f", got, want)
	}
}

// TestServiceIsNotFooledByTinyBatches is the mistake of dividing records by
// time: a trickle of tiny batches must not look like a slow task.
func TestServiceIsNotFooledByTinyBatches(t *testing.T) {
	var s Service
	work := func(records, batches int64) {
		busy := time.Duration(batches)*100*time.Microsecond + time.Duration(records)*time.Microsecond
		s.Observe(Work{Records: records, Batches: batches, Busy: busy})
	}
	for range 10 {
		work(512*50, 50)
		work(512*20, 40)
	}
	want := s.Rate(512)
	for range 100 {
		work(3, 3)
	}
	if got := s.Rate(512); math.Abs(got-want) > 0.1*want {
		t.Errorf("after a trickle: got %.0f records/s in full batches, want %.0f", got, want)
	}
}

func TestServiceLearnsTheSlowdownApart(t *testing.T) {
	var s Service
	for i := range 100 {
		w := Work{Records: 51200, Batches: 100, Busy: 50 * ms}
		if i%5 == 4 {
			w.Persisting, w.Busy = 1, 75*ms
		}
		s.Observe(w)
	}
	if got, want := s.Rate(512), 51200/0.05; math.Abs(got-want) > 0.02*want {
		t.Errorf("rate: got %.0f, want %.0f without the persists", got, want)
	}
	if got := s.Slowdown(); math.Abs(got-1.5) > 0.05 {
		t.Errorf("slowdown: got %v, want 1.5", got)
	}
}

func TestServiceWithoutWork(t *testing.T) {
	var s Service
	for _, w := range []Work{{}, {Records: -1, Batches: 1, Busy: 1}, {Records: 1}, {Batches: 1, Busy: 1}} {
		s.Observe(w)
	}
	if s.Known() || s.Rate(512) != 0 || s.Slowdown() != 1 {
		t.Errorf("got a rate of %v and a slowdown of %v from nothing", s.Rate(512), s.Slowdown())
	}
}

func TestDirtySaturates(t *testing.T) {
	const most, theta = 100e6, 2.0
	at := func(d time.Duration) int64 { return int64(most * -math.Expm1(-d.Seconds()/theta)) }
	var d Dirty
	for i := range 30 {
		d.Observe(at(time.Duration(i+1)*100*ms), 200e6, false, 100*ms)
	}
	if got, want := d.At(4*time.Second, 0), at(7*time.Second); math.Abs(float64(got-want)) > 0.15*float64(want) {
		t.Errorf("4 s on: got %d, want about %d", got, want)
	}
	if got := d.At(time.Hour, 90e6); got > 90e6 {
		t.Errorf("got %d, want no more than there is", got)
	}
}

func TestDirtyStartsAgainAfterACapture(t *testing.T) {
	var d Dirty
	for i := range 10 {
		d.Observe(int64(i)*1e6, 100e6, false, 100*ms)
	}
	d.Observe(1e6, 100e6, true, 100*ms)
	if got := d.At(time.Second, 0); math.Abs(float64(got)-11e6) > 2e6 {
		t.Errorf("a second after a capture: got %d, want 11 MB", got)
	}
	if got := d.At(-time.Hour, 0); got != 1e6 {
		t.Errorf("in the past: got %d, want what there is", got)
	}
}

// Entries that are dropped before they were stored are changes no more: that is no capture, after
// which all would be written again.
func TestDirtyShrinks(t *testing.T) {
	var d Dirty
	for i := range 10 {
		d.Observe(int64(i)*1e6, 20e6, false, 100*ms)
	}
	d.Observe(3e6, 10e6, false, 100*ms)
	if got := d.At(100*ms, 10e6); got < 3e6 || got > 4e6 {
		t.Errorf("got %d, want no more than what there is and the growth of a period", got)
	}
}

func TestDirtyCountsDeletions(t *testing.T) {
	var d Dirty
	for i := range 10 {
		d.Observe(int64(i)*1e6, 8e6, false, 100*ms)
	}
	if got := d.At(200*ms, 10e6); got < 10.5e6 || got > 11.3e6 {
		t.Errorf("got %d, want 11 MB of changes among 10 MB: deletions had exceeded state by 1 MB", got)
	}
}

func relative(a, b time.Duration) float64 { return math.Abs(float64(a-b)) / float64(b) }

func BenchmarkServiceObserve(b *testing.B) {
	var s Service
	b.ReportAllocs()
	for b.Loop() {
		s.Observe(Work{Records: 51200, Batches: 100, Busy: 50 * ms})
	}
}

// TestRareAlignment: one barrier in ten that waits for long spoils no prediction but its own.
func TestRareAlignment(t *testing.T) {
	var c Checkpoints
	bad := 0
	for i := range 60 {
		k := Checkpoint{Dirty: 5 << 20, State: 10 << 20, Encode: 50 * ms, Align: ms}
		if i%10 == 7 {
			k.Align = 130 * ms
		}
		p := c.Predict(k.Dirty, k.State)
		if off := (p.Align + p.Own() - k.Align - k.Encode).Abs(); i > 5 && off > 10*ms {
			bad++
		}
		c.Observe(k)
	}
	if bad != 6 {
		t.Errorf("%d predictions were off by a fifth, wanted the 6 that nobody could make", bad)
	}
}

// TestSlowSpell: a service that was hundreds of times slower for some periods, as when the machine
// had no memory for it, is known to be fast again within fifteen. The rate of a source hangs on it,
// and what it is not given it cannot show that it could have done. Times vary by half, so that the
// spell does not stand out as it would between times that are all alike.
func TestSlowSpell(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var s Service
		fast := func(periods int) {
			for range periods {
				each := 300 * math.Exp(0.5*r.NormFloat64()) // ns
				s.Observe(Work{Records: 1280, Batches: 3, Busy: time.Duration(1280 * each)})
			}
		}
		fast(r.IntN(40))
		for range 1 + r.IntN(20) {
			took := 37e6 * math.Exp(1.5*r.NormFloat64()) // ns
			s.Observe(Work{Records: int64(512 * (1 + r.IntN(3))), Batches: 1, Busy: time.Duration(took)})
		}
		fast(15)
		if rate := s.Rate(512); rate < 5e5 {
			t.Errorf("seed %d: a rate of %.0f fifteen periods later, want about 3 million", seed, rate)
		}
	}
}

// TestCheckpointsFollowTheMedian has checkpoints that take once a third and once three times what
// their bytes would, as likely one as the other. What is predicted is what half of them exceed: a
// mean would be above it.
func TestCheckpointsFollowTheMedian(t *testing.T) {
	var off []float64
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		var c Checkpoints
		for range 60 {
			dirty := int64(10+r.IntN(20)) << 20
			fair := float64(dirty) / (1 << 30)
			if c.Samples() > 20 {
				off = append(off, math.Log(c.Predict(dirty, dirty).Encode.Seconds()/fair))
			}
			took := seconds(fair * math.Exp(min(1.1, max(-1.1, 0.8*r.NormFloat64()))))
			c.Observe(Checkpoint{Dirty: dirty, State: dirty, Encode: took, Persist: took})
		}
	}
	mean := 0.0
	for _, o := range off {
		mean += o / float64(len(off))
	}
	if math.Abs(mean) > 0.08 {
		t.Errorf("predictions are %.2f of the median", math.Exp(mean))
	}
}
