package simulate

import (
	"math/bits"
	"time"
)

// Quantiles of a latency.
type Quantiles struct{ P50, P99, P999, Max time.Duration }

// histogram counts durations in buckets of about 3% width.
type histogram struct {
	counts [64 * fine]int64
	total  int64
	most   time.Duration
}

const fine = 32 // buckets an octave

func (h *histogram) add(d time.Duration, n int64) {
	d = max(d, 1)
	h.counts[bucket(uint64(d))] += n
	h.total += n
	h.most = max(h.most, d)
}

func bucket(v uint64) int {
	octave := bits.Len64(v) - 1
	if octave < 5 {
		return int(v)
	}
	return (octave-4)*fine + int(v>>(octave-5))&(fine-1)
}

// upper is the end of a bucket.
func upper(i int) time.Duration {
	if i < fine {
		return time.Duration(i)
	}
	octave := i/fine + 4
	return time.Duration(uint64(fine+i%fine+1)<<(octave-5)) - 1
}

// quantile is the duration that the part q does not exceed, 0 without any.
func (h *histogram) quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := int64(q * float64(h.total))
	for i, n := range h.counts {
		if rank -= n; rank < 0 {
			return min(upper(i), h.most)
		}
	}
	return h.most
}

func (h *histogram) quantiles() Quantiles {
	return Quantiles{
		P50: h.quantile(0.5), P99: h.quantile(0.99), P999: h.quantile(0.999), Max: h.most,
	}
}

func (h *histogram) reset() { *h = histogram{} }
