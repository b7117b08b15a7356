package main

import (
	"math"
	"slices"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// spread is a median with the least and the most.
type spread struct{ mid, least, most float64 }

func spreadOf(v []float64) spread {
	if len(v) == 0 {
		return spread{}
	}
	return spread{median(v), slices.Min(v), slices.Max(v)}
}

func median(v []float64) float64 { return quantile(v, 0.5) }

// quantile is the smallest value that a part q of all do not exceed, 0 without
// any.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[min(len(v)-1, max(0, int(math.Ceil(q*float64(len(v))))-1))]
}

func mean(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// variation is the standard deviation over the mean.
func variation(v []float64) float64 {
	m := mean(v)
	if m == 0 {
		return 0
	}
	var squares float64
	for _, x := range v {
		squares += (x - m) * (x - m)
	}
	return math.Sqrt(squares/float64(len(v))) / m
}

// ratios divides the results of neighbours in time.
func ratios(over, under []float64) (v []float64) {
	for i := range min(len(over), len(under)) {
		if under[i] > 0 {
			v = append(v, over[i]/under[i])
		}
	}
	return v
}

// line fits y = a + s·x by least squares, with neither below 0. It is false
// when the x are too much alike to tell the two apart.
func line(x, y []float64) (a, s float64, ok bool) {
	if len(x) < 3 || variation(x) < 0.1 {
		return 0, 0, false
	}
	mx, my := mean(x), mean(y)
	var xy, xx float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	s = max(0, xy/xx)
	return max(0, my-s*mx), s, true
}

// batchFigures are those of the micro-batches of a trial, in ms.
type batchFigures struct {
	Count    int
	Delay    quantiles // from a batch's forming to its end
	Fixed    float64   // what a batch takes beside its records; below 0 if unknown
	Record   float64   // what a record takes
	Saving   float64   // what a checkpoint takes of its batch: the median
	Overruns float64   // part of the batches that took longer than the interval
	Busy     float64   // part of the time in which a batch was being processed
}

// spanOf is the time from the first batch's start to the last one's end.
func spanOf(all []governor.CompletedBatch) time.Duration {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Done - all[0].Started
}

// batchesOf sums up batches that took some time with the pauses between them.
func batchesOf(all []governor.CompletedBatch, interval, span time.Duration) batchFigures {
	f := batchFigures{Count: len(all), Fixed: -1}
	var delays, records, work, saves []float64
	over, busy := 0, time.Duration(0)
	for _, b := range all {
		took := b.Done - b.Started
		busy += took
		delays = append(delays, millis(b.Done-b.Closed))
		if b.Checkpoint > 0 {
			saves = append(saves, millis(b.Checkpoint))
		} else {
			records = append(records, float64(b.Records))
			work = append(work, millis(took))
		}
		if took > interval {
			over++
		}
	}
	f.Delay = quantiles{quantile(delays, 0.5), quantile(delays, 0.99), quantile(delays, 0.999)}
	if a, s, ok := line(records, work); ok {
		f.Fixed, f.Record = a, s
	}
	f.Saving, f.Overruns = median(saves), float64(over)/float64(max(1, len(all)))
	f.Busy = busy.Seconds() / max(1e-9, span.Seconds())
	return f
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
