package governor

import (
	"math"
	"testing"
	"time"
)

// TestYoungDalyIsTheOptimum compares with a search for the interval at which
// the most useful work is done: U(T) = λ(T − C)/(e^(λT) − 1).
func TestYoungDalyIsTheOptimum(t *testing.T) {
	for _, mtbf := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour, 1000 * time.Hour} {
		for _, cost := range []time.Duration{ms, 100 * ms, time.Second, 20 * time.Second} {
			lambda, c := 1/mtbf.Seconds(), cost.Seconds()
			useful := func(t float64) float64 { return lambda * (t - c) / math.Expm1(lambda*t) }
			low, high := c, c+20*mtbf.Seconds()
			for range 200 {
				a, b := low+(high-low)/3, high-(high-low)/3
				if useful(a) < useful(b) {
					low = a
				} else {
					high = b
				}
			}
			if got := YoungDaly(cost, mtbf).Seconds(); relativeTo(got, low) > 1e-3 {
				t.Errorf("cost %v, failures each %v: got %v s, want %v s", cost, mtbf, got, low)
			}
		}
	}
	if YoungDaly(0, time.Hour) != 0 || YoungDaly(time.Second, 0) != 0 {
		t.Error("without cost or failures there is an interval")
	}
}

func TestYoungDalyTendsToYoungs(t *testing.T) {
	got, want := YoungDaly(100*ms, 24*time.Hour).Seconds(), math.Sqrt(2*0.1*86400)
	if relativeTo(got, want) > 0.01 {
		t.Errorf("got %v s, want about √(2C/λ) = %v s", got, want)
	}
}

func TestSchedule(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name  string
		cfg   ScheduleConfig
		obs   JobObservation
		bound IntervalBound
		want  time.Duration
		says  Conflict
	}{
		{"nothing measured", ScheduleConfig{}, JobObservation{}, IntervalFirst, 10 * s, NoConflict},
		{"the optimum", ScheduleConfig{MTBF: time.Hour}, JobObservation{Cost: 500 * ms, Load: 0.5},
			IntervalOptimum, 60333 * ms, NoConflict},
		{"the recovery goal at half load", ScheduleConfig{Recovery: 30 * s},
			JobObservation{Cost: s, Load: 0.5, Restart: 5 * s, Duration: 2 * s},
			IntervalRecovery, 23 * s, NoConflict}, // 25 s arrive in 25 s, less what is under way
		{"and at four fifths", ScheduleConfig{Recovery: 30 * s},
			JobObservation{Cost: s, Load: 0.8, Restart: 2 * s, Duration: s},
			IntervalRecovery, 6 * s, NoConflict}, // four times as long to catch up with
		{"without a live input", ScheduleConfig{Recovery: 30 * s},
			JobObservation{Cost: s, Load: 1, Behind: true, Restart: 2 * s, Duration: s},
			IntervalRecovery, 27 * s, NoConflict},
		{"checkpoints take too long for the goal", ScheduleConfig{Recovery: 10 * s},
			JobObservation{Cost: s, Load: 0.5, Duration: 4 * s}, IntervalShare, 8 * s, RecoveryBelowCost},
		{"restoring takes too long", ScheduleConfig{Recovery: 10 * s},
			JobObservation{Cost: s, Load: 0.5, Duration: s, Restart: 12 * s},
			IntervalShare, 2 * s, RecoveryBelowRestore},
		{"hardly any cost", ScheduleConfig{}, JobObservation{Cost: time.Microsecond},
			IntervalLeast, s, NoConflict},
		{"hardly any failures", ScheduleConfig{MTBF: 1e4 * time.Hour}, JobObservation{Cost: 10 * s},
			IntervalMost, 10 * time.Minute, NoConflict},
	}
	for _, test := range tests {
		p := NewSchedule(test.cfg).Step(test.obs)
		if p.Bound != test.bound || p.Conflict != test.says ||
			relative(p.Interval, test.want) > 0.01 {
			t.Errorf("%s: got %+v, want %v by %v, %v", test.name, p, test.want, test.bound, test.says)
		}
	}
}

// TestFixedInterval is exceeded only where the last checkpoint took more than half of it and
// records have waited within twice that time.
func TestFixedInterval(t *testing.T) {
	const s = time.Second
	schedule := NewSchedule(ScheduleConfig{Fixed: s})
	for i, step := range []struct {
		obs   JobObservation
		bound IntervalBound
		want  time.Duration
	}{
		{JobObservation{Now: 100 * ms, Cost: 10 * s, Duration: 9 * s, Compacting: true}, IntervalFixed, s},
		{JobObservation{Now: 200 * ms, Behind: true}, IntervalFixed, s},
		{JobObservation{Now: 1400 * ms, Began: s, Duration: 500 * ms, Behind: true}, IntervalFixed, s},
		{JobObservation{Now: 2700 * ms, Began: 2 * s, Duration: 700 * ms}, IntervalShare, 1400 * ms},
		{JobObservation{Now: 2800 * ms, Began: 2 * s, Duration: 700 * ms}, IntervalFixed, s}, // none waited
		{JobObservation{Now: 7 * s, Began: 5 * s, Duration: 9 * s, Behind: true}, IntervalShare, 18 * s},
		{JobObservation{Now: 24 * s, Began: 23 * s, Duration: 9 * s}, IntervalShare, 18 * s},
		{JobObservation{Now: 25 * s, Began: 23 * s, Duration: 9 * s}, IntervalFixed, s},
	} {
		p := schedule.Step(step.obs)
		if p.Bound != step.bound || p.Interval != step.want || p.At != step.obs.Began+step.want {
			t.Errorf("step %d: got %+v, want %v by %v", i, p, step.want, step.bound)
		}
	}
}

func TestSchedulePutsOffWhileTheStoreCompacts(t *testing.T) {
	s := NewSchedule(ScheduleConfig{})
	o := JobObservation{Began: 0, Now: 10 * time.Second, Compacting: true}
	for range 100 {
		p := s.Step(o)
		if p.At <= o.Now {
			break
		}
		o.Now = p.At
	}
	if o.Now != 12*time.Second {
		t.Errorf("put off until %v, want 12 s, a fifth of the interval", o.Now)
	}
}

func TestStaggerSpreadsTasks(t *testing.T) {
	const within = time.Second
	for _, n := range []int{2, 4, 16, 256} {
		seen := make([]bool, n)
		for task := range n {
			at := Stagger(task, within)
			if at < 0 || at >= within {
				t.Fatalf("task %d begins at %v of %v", task, at, within)
			}
			seen[int(at.Seconds()*float64(n))] = true
		}
		for slot, ok := range seen {
			if !ok {
				t.Errorf("of %d tasks none begins in slot %d", n, slot)
			}
		}
	}
	if Stagger(-1, within) != 0 || Stagger(3, -1) != 0 {
		t.Error("a delay for no task or no time")
	}
}
