package governor

import (
	"math"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor/estimate"
)

const (
	period = 100 * time.Millisecond
	ms     = time.Millisecond
)

// bench drives a governor with a task that works at a rate, in batches of 512
// records of 64 bytes.
type bench struct {
	g    *Governor
	obs  Observation
	d    Decision
	idle time.Duration // of each period
	// ready says that records wait for the task even while it is idle.
	ready bool
	// enough says that the senders have no more than the task takes.
	enough bool
}

func newBench(cfg Config, channels int) *bench {
	b := &bench{g: New(cfg)}
	b.obs.Channels = make([]Channel, channels)
	b.obs.Checkpoint.Due = -1
	return b
}

// step is a period of busy work at a rate in records a second, equally from
// all channels, each of which wants more.
func (b *bench) step(rate float64) *Decision {
	n := int64(len(b.obs.Channels))
	b.obs.Now += period
	b.obs.Period = period
	if b.obs.Busy, b.obs.Dry = period-b.idle, b.idle; b.ready {
		b.obs.Dry = 0
	}
	b.obs.Records = int64(rate * period.Seconds())
	b.obs.Batches = b.obs.Records / 512
	b.obs.Bytes = 64 * b.obs.Records
	for i := range b.obs.Channels {
		c := &b.obs.Channels[i]
		c.Records, c.Batches, c.Bytes = b.obs.Records/n, b.obs.Batches/n, b.obs.Bytes/n
		c.Starved = !b.enough
	}
	b.g.Step(&b.obs, &b.d)
	return &b.d
}

func (b *bench) steps(n int, rate float64) (d *Decision) {
	for range n {
		d = b.step(rate)
	}
	return d
}

// inFlight is the records that the grants allow.
func (b *bench) inFlight() (records int) {
	for _, g := range b.d.Grants {
		records += 512 * g.Window.Batches
	}
	return records
}

func TestGovernorWithoutGoalsIsFixed(t *testing.T) {
	b := newBench(Config{}, 3)
	b.obs.Checkpoint = Checkpoint{Due: 50 * ms, Interval: time.Second, Dirty: 1e9, State: 1e9}
	for i := range 20 {
		for j, g := range b.step(1e5 * float64(i)).Grants {
			if g.Window != DefaultWindow {
				t.Fatalf("period %d: channel %d is granted %v, want %v", i, j, g.Window, DefaultWindow)
			}
		}
		if b.d.Pace != (Pace{}) || b.d.Batch != 0 {
			t.Fatalf("period %d: got %+v, want no pace and no batch size", i, b.d)
		}
	}
}

func TestGovernorWithEnoughSpeedIsFixed(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: time.Second}}, 1)
	d := b.steps(5, 1e7)
	if d.Grants[0].Window != DefaultWindow || d.Reason.Window != BoundNone {
		t.Errorf("got %v, %v, want the widest window and no bound", d.Grants[0].Window, d.Reason)
	}
}

// dry is periods in which the task works nine tenths of the time and waits for
// records for the rest, although its senders have more.
func (b *bench) dry(n int, rate float64) (d *Decision) {
	b.idle = period / 10
	d = b.steps(n, rate*0.9)
	b.idle = 0
	return d
}

// TestGovernorKeepsTheBudget checks Little's law: what is in flight leaves
// within the task's part of the goal, however much more would keep it busy.
func TestGovernorKeepsTheBudget(t *testing.T) {
	tests := []struct {
		name     string
		goal     time.Duration
		hops     int
		channels int
		rate     float64
	}{
		{"one channel", 200 * ms, 1, 1, 1e5},
		{"a third of the path", 600 * ms, 3, 1, 1e5},
		{"many channels", 400 * ms, 1, 8, 2e5},
		{"slow", 400 * ms, 1, 1, 2e4},
	}
	for _, test := range tests {
		b := newBench(Config{Goals: Goals{Latency: test.goal}, Hops: test.hops}, test.channels)
		d := b.dry(60, test.rate)
		want := test.rate * test.goal.Seconds() / float64(test.hops) * planned(test.hops)
		if got := float64(b.inFlight()); got > 1.01*want || got < 0.6*want {
			t.Errorf("%s: got %v in flight (%v), want at most %v", test.name, got, d.Reason, want)
		}
	}
}

func TestGovernorHoldsNoMoreThanKeepsTheTaskBusy(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: time.Second}}, 1)
	b.dry(60, 3e4)
	full := b.inFlight()
	d := b.steps(200, 3e4)
	if got := b.inFlight(); got > full/10 || d.Reason.Window != BoundQueue {
		t.Errorf("got %d in flight, %v, want a small part of %d: it is never idle",
			got, d.Reason, full)
	}
}

// TestGovernorHoldsNoMoreForWantOfAProcessor has a task stand still although
// records wait for it: a longer queue would not help.
func TestGovernorHoldsNoMoreForWantOfAProcessor(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: time.Second}}, 1)
	b.idle, b.ready = period/10, true
	b.steps(60, 3e4*0.9)
	if got := b.inFlight(); got > 512*firstBatches {
		t.Errorf("got %d in flight, %v, want hardly any: it never ran dry", got, b.d.Reason)
	}
}

func TestGovernorStartsWithLittle(t *testing.T) {
	g := New(Config{Goals: Goals{Latency: time.Second}})
	obs := Observation{Channels: make([]Channel, 2), Checkpoint: Checkpoint{Due: -1}}
	var d Decision
	if g.Step(&obs, &d); d.Grants[1].Window.Batches != firstBatches || d.Reason.Window != BoundLearning {
		t.Errorf("before the first period: got %v, %v, want %d batches",
			d.Grants[1].Window, d.Reason, firstBatches)
	}
}

func TestGovernorNeverStarvesAChannel(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: ms, Memory: 1000}, Channels: 20}, 20)
	b.obs.Memory = 1 << 40
	d := b.steps(10, 1e4)
	for i, g := range d.Grants {
		if g.Window.Batches < 1 || g.Window.Bytes < 1 {
			t.Errorf("channel %d is granted %v, want a batch at least", i, g.Window)
		}
	}
	if d.Reason.Conflict == NoConflict {
		t.Errorf("got %v, want the conflict named", d.Reason)
	}
}

// learnt makes the bench know checkpoints of 100 MB that take some of the
// task's time.
func (b *bench) learnt(capture, encode time.Duration) {
	for id := range uint64(6) {
		b.obs.Checkpoint.LastID = id + 1
		b.obs.Checkpoint.Last = estimate.Checkpoint{
			Dirty: 100e6, State: 1e9, Capture: capture, Encode: encode, Persist: encode,
		}
		b.obs.Checkpoint.Dirty, b.obs.Checkpoint.State = 100e6, 1e9
		b.obs.Checkpoint.Interval = 10 * time.Second
		b.steps(3, 1e5)
	}
}

func TestGovernorMakesRoomForTheCheckpoint(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 300 * ms}}, 1)
	b.learnt(100*ms, 0)
	b.obs.Checkpoint.Due = 5 * time.Second
	b.dry(60, 1e5)
	far := b.inFlight()
	b.obs.Checkpoint.Due = 300 * ms
	d := b.step(1e5)
	if got, want := b.inFlight(), far-int(0.09*1e5); got > want {
		t.Errorf("with a barrier due: got %d in flight, want at most %d", got, want)
	}
	if d.Reason.Stall < 100*ms {
		t.Errorf("got %v, want the stall named", d.Reason)
	}
	b.obs.Checkpoint.Due, b.obs.Checkpoint.Pending = 10*time.Second, true
	if got := b.step(1e5); b.inFlight() >= far {
		t.Errorf("with a barrier on its way: got %d in flight, %v", b.inFlight(), got.Reason)
	}
	b.obs.Checkpoint.Pending = false
	if b.step(1e5); relativeTo(float64(b.inFlight()), float64(far)) > 2*hysteresis {
		t.Errorf("after the capture: got %d in flight, want about %d again", b.inFlight(), far)
	}
}

// TestGovernorPredictsForTheBarrierThatComesNext: once a checkpoint is under
// way, Due is about the one after it.
func TestGovernorPredictsForTheBarrierThatComesNext(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: time.Second}}, 1)
	b.learnt(0, time.Second) // 100 MB take a second
	c := &b.obs.Checkpoint
	c.Due, c.Captured = 10*time.Second, 7
	for i := range 10 {
		c.Dirty = int64(i+1) * 1e6 // 10 MB a second
		b.step(1e5)
	}
	if got := b.d.Next.Encode; got < 900*ms || got > 1200*ms {
		t.Errorf("ten seconds before: got %v, want what 110 MB take", got)
	}
	c.Pending = true
	if got := b.step(1e5).Next.Encode; got < 80*ms || got > 200*ms {
		t.Errorf("with the barrier on its way: got %v, want what 10 MB take", got)
	}
}

// TestGovernorRevisesAtTheBarrier: a window that has ended may have made ten
// times as much dirty as the latest decision could know.
func TestGovernorRevisesAtTheBarrier(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: time.Second}}, 1)
	b.learnt(0, time.Second) // 100 MB take a second
	c := &b.obs.Checkpoint
	c.Pending, c.Captured, c.Dirty = true, 7, 10e6
	if got := b.steps(20, 1e5).Next.Encode; got < 80*ms || got > 200*ms {
		t.Errorf("ahead: got %v, want what 10 MB take", got)
	}
	before := b.d
	p, pace := b.g.Revise(100e6, c.State)
	if p.Encode < 900*ms || p.Encode > 1200*ms {
		t.Errorf("at the barrier: got %v, want what 100 MB take", p.Encode)
	}
	if pace.Share != mostShare {
		t.Errorf("at the barrier: got %+v, want a busy task to get it over with", pace)
	}
	if b.step(1e5); relativeTo(b.d.Next.Encode.Seconds(), before.Next.Encode.Seconds()) > 0.01 {
		t.Errorf("after it: got %v, want %v still: nothing was learnt", b.d.Next.Encode, before.Next.Encode)
	}
	if p, pace := New(Config{}).Revise(0, 0); p.Own() != 0 || pace != (Pace{}) {
		t.Errorf("of a new one: got %v, %+v, want nothing", p, pace)
	}
}

func TestGovernorNamesAnImpossibleLatency(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 50 * ms}}, 1)
	b.learnt(500*ms, 0)
	b.obs.Checkpoint.Due = 10 * ms
	d := b.step(1e5)
	if d.Reason.Window != BoundFloor || d.Reason.Conflict != LatencyBelowStall {
		t.Errorf("got %v, want the stall named as the conflict", d.Reason)
	}
}

func TestGovernorDividesDownstreamBySelectivity(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 400 * ms}}, 1)
	// One in ten records passes, and a quarter of those by the second lane,
	// which admits 1000 a second: 40 000 may come in.
	b.obs.Outputs = []Output{{Records: 1000, Lanes: []Lane{
		{Records: 750, Rate: 1e6}, {Records: 250, Rate: 1000},
	}}}
	d := b.steps(10, 1e5)
	if d.Reason.Rate != BoundDownstream || d.Reason.Lane != 1 || relativeTo(d.Reason.Limit, 4e4) > 0.01 {
		t.Errorf("got %v, want lane 1 to admit 40000/s", d.Reason)
	}
	if got := float64(b.inFlight()); got > 4e4*0.4 {
		t.Errorf("got %v in flight, want at most 16000", got)
	}
}

func TestGovernorOfAnOperatorThatSelectsNothing(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 300 * ms}}, 1)
	b.obs.Outputs = []Output{{Lanes: []Lane{{Rate: 1}, {}}}}
	d := b.steps(10, 1e5)
	if d.Reason.Rate != BoundService {
		t.Errorf("got %v, want it bound by its own service", d.Reason)
	}
}

func TestGovernorOfASource(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 400 * ms}}, 0)
	b.obs.Outputs = []Output{{Records: 1e4, Lanes: []Lane{{Records: 1e4, Rate: 2e4}}}}
	b.obs.Records, b.obs.Batches, b.obs.Busy, b.obs.Period = 1e4, 20, 10*ms, period
	b.g.Step(&b.obs, &b.d)
	if first := b.d.Rate; first < 2e5 {
		t.Errorf("got a rate of %.0f at the beginning, want room to show more", first)
	}
	for range 1000 {
		b.g.Step(&b.obs, &b.d)
	}
	if len(b.d.Grants) != 0 || relativeTo(b.d.Rate, 4e4) > 0.02 {
		t.Errorf("got %+v, want a rate of 40000 and no grant", b.d)
	}
}

func TestGovernorSurvivesClockJumps(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 400 * ms}}, 1)
	b.steps(10, 1e5)
	want := b.d.Grants[0]
	for _, p := range []time.Duration{0, -time.Hour, time.Hour, 1, math.MaxInt64, math.MinInt64} {
		b.obs.Period = p
		b.obs.Busy = -p
		b.obs.Now += p
		b.g.Step(&b.obs, &b.d)
		if got := b.d.Grants[0]; got.Window != want.Window {
			t.Errorf("after a period of %v: got %v, want %v as before", p, got, want)
		}
	}
}

func TestGovernorHasHysteresis(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 200 * ms}}, 1)
	b.dry(60, 1e5)
	want := b.d.Grants[0].Window
	for i := range 50 {
		b.dry(1, 1e5*(1+0.02*float64(i%3-1)))
		if got := b.d.Grants[0].Window; got != want {
			t.Fatalf("period %d: got %v, want %v despite 2%% of noise", i, got, want)
		}
	}
}

func TestGovernorKeepsTheMemoryGoal(t *testing.T) {
	b := newBench(Config{Goals: Goals{Memory: 64 << 20}, Channels: 64}, 2)
	d := b.steps(3, 1e5)
	if got, want := d.Grants[0].Window.Bytes, 256<<10; got != want || d.Reason.Window != BoundMemory {
		t.Errorf("got %d bytes, %v, want %d: a quarter of the goal over 64 channels", got, d.Reason, want)
	}
	b.obs.Memory = 61 << 20
	if d := b.step(1e5); d.Grants[0].Window.Bytes > 160<<10 {
		t.Errorf("near the goal: got %d bytes, want half", d.Grants[0].Window.Bytes)
	}
	b.obs.Memory = 70 << 20
	if d := b.step(1e5); d.Grants[0].Window.Batches != 1 || d.Reason.Conflict != MemoryBelowState {
		t.Errorf("above the goal: got %+v, %v, want one batch", d.Grants[0], d.Reason)
	}
}

func TestGovernorPacesEncoding(t *testing.T) {
	tests := []struct {
		name   string
		idle   time.Duration
		encode time.Duration
		want   float64
	}{
		{"in the time to spare", 50 * ms, 100 * ms, 1 - 0.5/easy},
		{"more than that: busy or not", 20 * ms, 3 * time.Second, mostShare},
		{"a busy task gets it over with", 0, 100 * ms, mostShare},
	}
	for _, test := range tests {
		b := newBench(Config{Goals: Goals{Latency: 400 * ms}}, 1)
		b.idle = test.idle
		b.learnt(ms, test.encode)
		b.steps(20, 1e5)
		if p := b.d.Pace; relativeTo(p.Share, test.want) > 0.05 || p.Delay != 0 {
			t.Errorf("%s: got %+v, want a share of %.2f", test.name, p, test.want)
		}
	}
}

func TestGovernorSpreadsWritingThatDisturbs(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 400 * ms}, Task: 1, Tasks: 4}, 1)
	b.idle, b.enough = 30*ms, true
	b.learnt(ms, 200*ms)
	for range 20 { // while a checkpoint is written, records take half as long again
		b.obs.Checkpoint.Persist, b.idle = period, 0
		b.step(1e5 * 0.952)
		b.obs.Checkpoint.Persist, b.idle = 0, 30*ms
		b.steps(9, 1e5)
	}
	p := b.d.Pace
	if p.Delay <= 0 || p.BytesPerSecond <= 0 || p.BytesPerSecond > 100e6/0.2 {
		t.Errorf("got %+v, want a turn and less than the 500 MB/s it could write", p)
	}
	b.enough = false
	if p := b.steps(10, 1e5).Pace; p.Delay != 0 || p.BytesPerSecond != 0 {
		t.Errorf("with senders out of credit: got %+v, want it over with", p)
	}
}

func TestGovernorGrantsAreFair(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 400 * ms}}, 3)
	for range 20 {
		b.obs.Period, b.obs.Busy = period, period
		b.obs.Records, b.obs.Batches, b.obs.Bytes = 1e4, 20, 64e4
		for i, share := range []int64{8900, 1000, 100} {
			b.obs.Channels[i] = Channel{Records: share, Batches: max(1, share/512), Starved: i == 0}
		}
		b.g.Step(&b.obs, &b.d)
	}
	hot, mild, cold := b.d.Grants[0].Rate, b.d.Grants[1].Rate, b.d.Grants[2].Rate
	if hot < 8e4 || mild < 1e4 || cold < 1e3 || relativeTo(hot+mild+cold, 1e5) > 0.05 {
		t.Errorf("got rates %.0f, %.0f, %.0f, want what the small ones bring and the rest to the hot one",
			hot, mild, cold)
	}
}

func relativeTo(a, b float64) float64 { return math.Abs(a-b) / b }

func BenchmarkGovernorStep(b *testing.B) {
	x := newBench(Config{Goals: Goals{Latency: 400 * ms}}, 8)
	x.obs.Outputs = []Output{{Records: 1000, Lanes: make([]Lane, 8)}}
	b.ReportAllocs()
	for b.Loop() {
		x.step(1e5)
	}
}

// TestGovernorHoldsNoMoreWithoutIdleProcessors has a task run dry while others
// have all processors: what it waits for would be done no sooner.
func TestGovernorHoldsNoMoreWithoutIdleProcessors(t *testing.T) {
	inFlight := func(processors float64) int {
		b := newBench(Config{Goals: Goals{Latency: time.Second}}, 1)
		b.obs.Processors = processors
		b.dry(60, 3e4)
		return b.inFlight()
	}
	idle, busy := inFlight(0.9), inFlight(0.99)
	if unknown := inFlight(0); idle != unknown || busy > idle/10 {
		t.Errorf("in flight: %d with all processors busy, %d with some idle, %d if unknown", busy, idle, unknown)
	}
}

func TestGovernorTakesTurns(t *testing.T) {
	for _, test := range []struct{ goal, want time.Duration }{
		{0, 0}, {time.Second, longestTurn}, {4 * ms, ms / 2},
	} {
		b := newBench(Config{Goals: Goals{Latency: test.goal}}, 1)
		if got := b.step(1e5).Turn; got != test.want {
			t.Errorf("goal %v: got turns of %v, want %v", test.goal, got, test.want)
		}
	}
}

// TestGovernorLetsLessInBeforeEncoding: while a task encodes, what waits for it
// takes longer, so that less may wait when the barrier comes.
func TestGovernorLetsLessInBeforeEncoding(t *testing.T) {
	b := newBench(Config{Goals: Goals{Latency: 4 * time.Second}}, 1)
	b.learnt(0, time.Second)
	c := &b.obs.Checkpoint
	c.Due, c.Interval, c.Dirty = 20*time.Second, 20*time.Second, 1e8
	b.dry(10, 1e5)
	far := b.inFlight()
	if b.d.Reason.Window != BoundQueue || b.d.Pace.Share != mostShare {
		t.Fatalf("got %v, share %v; want a queue and a task with half its time to encode", b.d.Reason, b.d.Pace.Share)
	}
	c.Due = 100 * ms
	b.step(1e5)
	want := 1 - min(mostShare, b.d.Next.Encode.Seconds()/b.g.stay())
	if got := float64(b.inFlight()) / float64(far); relativeTo(got, want) > 0.1 {
		t.Errorf("before the barrier %d may be in flight, %.2f of %d; want %.2f", b.inFlight(), got, far, want)
	}
}
