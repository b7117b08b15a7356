package simulate

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// setting is one setting of a micro-batch engine, times in seconds.
type setting struct {
	interval, fixed float64 // B, a
	every           int     // K
	cost, deviation float64 // C, and that of its distribution as a part of it
	noise           float64
}

func (s setting) String() string {
	return fmt.Sprintf("B=%v a=%v K=%d C=%v±%v noise=%v",
		s.interval, s.fixed, s.every, s.cost, s.deviation, s.noise)
}

func (s setting) engine(seed uint64) MicroBatch {
	return MicroBatch{
		Interval: seconds(s.interval), Every: s.every, Fixed: seconds(s.fixed), Rate: 50e3,
		Checkpoint: Cost{Mean: seconds(s.cost), Deviation: s.deviation},
		Noise:      s.noise, Batches: 800, Warmup: 150, Seed: seed,
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// outcome is the mean over seeds.
type outcome struct{ throughput, ideal, p50, p99, peak float64 }

// seeds is the runs of a setting.
const seeds = 8

// compare runs both laws on the same seeds.
func compare(t *testing.T, engine func(seed uint64) MicroBatch) (pid, budget outcome) {
	t.Helper()
	for seed := range uint64(seeds) {
		m := engine(seed)
		p, err := governor.NewPIDBatch(governor.SparkGains, m.Interval, m.Rate/2)
		if err != nil {
			t.Fatal(err)
		}
		b, err := governor.NewBudgetBatch(governor.Goals{}, m.Interval, m.Rate/2)
		if err != nil {
			t.Fatal(err)
		}
		pid.add(m.Run(p))
		budget.add(m.Run(b))
	}
	return pid, budget
}

func (o *outcome) add(r MicroResult) {
	o.throughput += r.Throughput / seeds
	o.ideal += r.Ideal / seeds
	o.p50 += r.Delay.P50.Seconds() / seeds
	o.p99 += r.Delay.P99.Seconds() / seeds
	o.peak += float64(r.InFlightPeak) / seeds
}

// TestMicroBatch is the comparison of the deadline budget with Spark's law
// where the latter suffers: a serial server, as much input as it takes, and a
// checkpoint inside every K-th batch. An independent simulation found Spark's
// law to reach the given part of the ideal.
func TestMicroBatch(t *testing.T) {
	tests := []struct {
		setting
		pid  float64 // percent of the ideal
		gain float64 // of the budget over it, at least, in percent
	}{
		{setting{2, 0.2, 5, 1.2, 0.4, 0}, 98.1, 0.5},
		{setting{1, 0.3, 10, 2.0, 0.4, 0}, 93.1, 4},
		{setting{1, 0.6, 10, 2.0, 0.4, 0}, 78.0, 25},
		{setting{1, 0.6, 5, 1.5, 0.4, 0}, 70.4, 25},
		{setting{2, 1.2, 10, 4.0, 0.4, 0}, 78.0, 25},
		{setting{2, 1.0, 10, 6.0, 0.4, 0}, 71.7, 33},
	}
	for _, test := range tests {
		pid, budget := compare(t, test.engine)
		gain := 100 * (budget.throughput/pid.throughput - 1)
		t.Logf("%v: pid %.1f%% of the ideal, budget %.1f%% (%+.1f%%); p50 %.2f → %.2f s, "+
			"p99 %.2f → %.2f s, peak %.0f → %.0f records", test.setting,
			100*pid.throughput/pid.ideal, 100*budget.throughput/budget.ideal, gain,
			pid.p50, budget.p50, pid.p99, budget.p99, pid.peak, budget.peak)
		if got := 100 * pid.throughput / pid.ideal; math.Abs(got-test.pid) > 3.5 {
			t.Errorf("%v: Spark's law reaches %.1f%% of the ideal, want %.1f%%", test.setting, got, test.pid)
		}
		if gain < test.gain {
			t.Errorf("%v: gained %.1f%%, want %.1f%%", test.setting, gain, test.gain)
		}
		if budget.p50 >= pid.p50 || budget.p99 >= pid.p99 {
			t.Errorf("%v: delays p50 %.2f, p99 %.2f s, want less than %.2f, %.2f",
				test.setting, budget.p50, budget.p99, pid.p50, pid.p99)
		}
	}
}

// TestMicroBatchLosesNowhere goes through ordinary settings, checkpoints cheap
// or absent included.
func TestMicroBatchLosesNowhere(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of runs")
	}
	for _, fixed := range []float64{0.05, 0.1, 0.3, 0.6} {
		for _, every := range []int{0, 5, 10} {
			for _, cost := range []float64{0.05, 0.5, 1, 2} {
				for _, noise := range []float64{0, 0.05} {
					s := setting{1, fixed, every, cost, 0.2, noise}
					if every == 0 && cost > 0.05 || every > 0 && cost/float64(every) > 0.2 {
						continue
					}
					pid, budget := compare(t, s.engine)
					if budget.throughput < 0.995*pid.throughput {
						t.Errorf("%v: %.0f records/s, want Spark's %.0f", s, budget.throughput, pid.throughput)
					}
					if budget.p99 > 1.01*pid.p99 {
						t.Errorf("%v: p99 %.3f s, want Spark's %.3f", s, budget.p99, pid.p99)
					}
				}
			}
		}
	}
}

// TestMicroBatchWhereTheRateWanders has long batches, few or no checkpoints and a
// rate that is another every few seconds: there Spark's law, which remembers
// nothing, is hard to beat.
func TestMicroBatchWhereTheRateWanders(t *testing.T) {
	type wandering struct {
		setting
		by float64
	}
	for _, s := range []wandering{
		{setting{0.5, 0.005, 0, 0.05, 0.3, 0.05}, 0.1}, {setting{1, 0.005, 0, 0.05, 0.3, 0.02}, 0.1},
		{setting{1, 0.005, 2, 0.1, 0.3, 0.02}, 0.1}, {setting{1, 0.005, 2, 0.1, 0.3, 0.1}, 0.1},
		{setting{1, 0.005, 2, 0.1, 0.3, 0.02}, 0.2}, {setting{1, 0.005, 2, 0.1, 0.3, 0.1}, 0.2},
		{setting{0.25, 0.005, 4, 0.1, 0.3, 0.02}, 0.1}, {setting{0.1, 0.005, 10, 0.1, 0.3, 0.05}, 0.1},
	} {
		pid, budget := compare(t, func(seed uint64) MicroBatch {
			m := s.engine(seed)
			m.Wander, m.Batches = s.by, 2000
			return m
		})
		t.Logf("%v by %v: %.3f of Spark's throughput, %.3f of its p50, %.3f of its p99",
			s.setting, s.by, budget.throughput/pid.throughput, budget.p50/pid.p50, budget.p99/pid.p99)
		if budget.throughput < pid.throughput || budget.p50 > pid.p50 || budget.p99 > 0.97*pid.p99 {
			t.Errorf("%v by %v: %.0f records/s with p50 %.3f and p99 %.3f s, want %.0f with %.3f and less than %.3f",
				s.setting, s.by, budget.throughput, budget.p50, budget.p99, pid.throughput, pid.p50, pid.p99)
		}
	}
}

func TestMicroBatchInAdversity(t *testing.T) {
	tests := []struct {
		name   string
		change func(*MicroBatch)
	}{
		{"bursts", func(m *MicroBatch) { m.Checkpoint.Burst, m.Checkpoint.BurstBy = 0.1, 4 }},
		{"growing state", func(m *MicroBatch) { m.Checkpoint.Grows = 0.001 }},
		{"a step of the cost", func(m *MicroBatch) {
			m.Checkpoint.StepAt, m.Checkpoint.StepBy = 400*m.Interval, 3
		}},
		{"a wandering rate", func(m *MicroBatch) { m.Wander = 0.1 }},
		{"a swinging rate", func(m *MicroBatch) { m.Swing = 0.3 }},
		{"as little input as half of what could be", func(m *MicroBatch) { m.Input = 10e3 }},
	}
	for _, test := range tests {
		for _, fixed := range []float64{0.1, 0.3, 0.6} {
			s := setting{1, fixed, 10, 0.5, 0.3, 0.05}
			pid, budget := compare(t, func(seed uint64) MicroBatch {
				m := s.engine(seed)
				test.change(&m)
				return m
			})
			if budget.throughput < 0.99*pid.throughput || budget.p99 > 1.1*pid.p99 {
				t.Errorf("%s, %v: %.0f records/s, p99 %.2f s, want Spark's %.0f, %.2f", test.name, s,
					budget.throughput, budget.p99, pid.throughput, pid.p99)
			}
		}
	}
}
