package bench

import (
	"slices"
	"testing"
	"time"
)

// rounds is how often a comparison runs each side, taking turns: these figures
// are ratios of neighbours in time, so that a machine which is busy for a
// while slows down both.
const rounds = 9

// compare runs limit and ours in turn and reports the time of ours as a ratio
// to that of limit: the median over the rounds, and the smallest and largest.
func compare(b *testing.B, limit, ours func() time.Duration) {
	b.Helper()
	var ratios []float64
	var took, best time.Duration
	for b.Loop() {
		for range rounds {
			l, o := limit(), ours()
			ratios = append(ratios, float64(o)/float64(l))
			took, best = took+o, best+l
		}
	}
	slices.Sort(ratios)
	b.ReportMetric(0, "ns/op") // a round is no unit of work
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(ratios[0], "ratio-min")
	b.ReportMetric(ratios[len(ratios)-1], "ratio-max")
}

func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}
