package picture

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// least is what an axis can show: less than a nanosecond.
const least = 1e-10

// ticks are about n round steps from 0 to most, and the end of the axis: the
// first step that reaches it.
func ticks(most float64, n int) (step, end float64) {
	if !(most >= least) || math.IsInf(most, 1) {
		return 1, 1
	}
	raw := most / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5, 10} {
		if step = f * power; step >= raw*(1-1e-9) {
			break
		}
	}
	return step, step * math.Ceil(most/step-1e-9)
}

// clockSteps are round steps of time from ten seconds on.
var clockSteps = []time.Duration{
	10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour,
	2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// timeStep is the step between at most n ticks of the time axis.
func timeStep(end time.Duration, n int) time.Duration {
	if end <= time.Duration(n)*5*time.Second {
		step, _ := ticks(end.Seconds(), n)
		return max(1, time.Duration(math.Round(step*float64(time.Second))))
	}
	for _, s := range clockSteps {
		if end/s <= time.Duration(n) {
			return s
		}
	}
	day := 24 * time.Hour
	return (end/time.Duration(n)/day + 1) * day
}

// figure writes a number with a unit of thousands.
func figure(v float64) string {
	unit := ""
	for _, u := range []string{"k", "M", "G"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, u
	}
	return strconv.FormatFloat(math.Round(v*100)/100, 'g', 5, 64) + unit
}

// length writes a number of seconds as a duration.
func length(seconds float64) string {
	d := time.Duration(math.Round(seconds * float64(time.Second)))
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
