package state

// A stopwatch tells how long something takes in all that is done often and takes
// little each time, by timing one in so many and taking all for average ones. It
// only counts if it has no clock.
type stopwatch struct {
	now     func() int64 // nanoseconds; nil for no clock
	count   int64
	samples float64
	total   float64 // nanoseconds
	one     float64 // nanoseconds that one takes, on average, lately
}

const (
	// timed is of how many one is timed: reading a clock costs as much as a small copy
	// does.
	timed = 8
	// lately is how many samples the average is of. Of copies of half a kilobyte, half
	// take less than a quarter of a microsecond and one in a hundred more than sixteen:
	// it takes thousands for a mean.
	lately = 8192
	// before is how many samples the first guess counts for, and guessed what it is, in
	// nanoseconds.
	before, guessed = 8, 1000.0
	// mostly: a sample counts for no more than this many times the average. One that
	// takes longer is of a task that slept, as those that were not timed did not.
	mostly = 32
)

func newStopwatch(now func() int64) stopwatch { return stopwatch{now: now, one: guessed} }

// start returns when a sample began, or -1 for what is not timed.
func (w *stopwatch) start() int64 {
	w.count++
	if w.now == nil || w.count%timed != 0 {
		return -1
	}
	return w.now()
}

// stop ends what start began.
func (w *stopwatch) stop(began int64) {
	if began < 0 {
		return
	}
	took := min(float64(w.now()-began), mostly*w.one)
	w.samples = min(w.samples+1, lately)
	w.one += (took - w.one) / (w.samples + before)
	w.total += timed * w.one
}
