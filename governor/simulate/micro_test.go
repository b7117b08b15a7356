package simulate

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

func TestX(t *testing.T) {
	type row struct {
		B, a         float64
		K            int
		C, cv, noise float64
	}
	for _, x := range []row{{2, .2, 5, 1.2, .4, 0}, {1, .3, 10, 2, .4, 0}, {1, .6, 10, 2, .4, 0}, {1, .6, 5, 1.5, .4, 0}, {2, 1.2, 10, 4, .4, 0}, {2, 1, 10, 6, .4, 0},
		{1, .1, 0, 0, 0, 0}, {1, .1, 0, 0, 0, .05}, {1, .1, 10, .1, .4, .05}, {1, .3, 10, .1, .4, .05}, {1, .5, 10, .5, .4, .05}, {1, .6, 5, .5, .4, .05}, {1, .3, 10, .1, .4, 0}, {1, .5, 10, 1.5, .2, .05}, {1, .5, 10, 2, .2, .05}} {
		sec := func(s float64) time.Duration { return time.Duration(s * 1e9) }
		var thr, ideal, p50, p99, peak [2]float64
		for seed := range uint64(8) {
			m := MicroBatch{Interval: sec(x.B), Every: x.K, Fixed: sec(x.a), Rate: 50000, Checkpoint: Cost{Mean: sec(x.C), Deviation: x.cv}, Noise: x.noise, Batches: 800, Warmup: 150, Seed: seed}
			pid, _ := governor.NewPIDBatch(governor.SparkGains, m.Interval, 25000)
			bud, _ := governor.NewBudgetBatch(governor.Goals{}, m.Interval, 25000)
			for i, p := range []governor.BatchPolicy{pid, bud} {
				r := m.Run(p)
				thr[i] += r.Throughput / 8
				ideal[i] += r.Ideal / 8
				p50[i] += r.Delay.P50.Seconds() / 8
				p99[i] += r.Delay.P99.Seconds() / 8
				peak[i] += float64(r.InFlightPeak) / 8
			}
		}
		t.Logf("%+v: pid %.1f%% bud %.1f%% %+.1f%%  p50 %.2f %.2f p99 %.2f %.2f peak %.0f %.0f", x, 100*thr[0]/ideal[0], 100*thr[1]/ideal[1], 100*(thr[1]/thr[0]-1), p50[0], p50[1], p99[0], p99[1], peak[0], peak[1])
	}
}
