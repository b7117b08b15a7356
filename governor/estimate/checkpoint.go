package estimate

import (
	"math"
	"slices"
	"time"
)

// Checkpoint is what one checkpoint took of one task.
type Checkpoint struct {
	Dirty   int64         // bytes that had changed since the one before
	State   int64         // bytes of state there were
	Align   time.Duration // from the first barrier to the last
	Capture time.Duration // the task stood still
	Encode  time.Duration // the task's own time between records
	Persist time.Duration // from the capture until all was durable
}

// Prediction is what the next checkpoint is expected to take of a task.
type Prediction struct {
	Align   time.Duration
	Capture time.Duration
	Encode  time.Duration
	Persist time.Duration
	// Margin is the mean error of Align + Capture + Encode. Before the first
	// checkpoint it is as large as the sum.
	Margin time.Duration
	// Doubt is the mean error of Align + Capture alone: of how long records are
	// held up. Encoding takes turns with them.
	Doubt time.Duration
	// Samples is how many checkpoints the prediction has learnt from.
	Samples int
}

// Own is the task's own time that the checkpoint takes: the stall and the
// encoding.
func (p Prediction) Own() time.Duration { return p.Capture + p.Encode }

// Checkpoints learns what checkpoints cost a task: a fixed part, a part for
// each byte that has changed and one for each byte there is. What the task
// does itself and what happens beside it are learnt apart. The zero value has
// learnt nothing.
type Checkpoints struct {
	capture, encode, persist Linear
	own, hold                deviation
	align                    latest
}

// latest is the median of the latest durations, in seconds. Alignment is short unless a barrier
// gets stuck behind something that no model foresees, as a window that fires: one such wait says
// nothing of the next, and a mean would be too long for ten checkpoints after it.
type latest struct {
	of    [9]float64
	count int
}

func (l *latest) learn(x float64) {
	l.of[l.count%len(l.of)] = x
	l.count++
}

func (l *latest) median() float64 {
	n := min(l.count, len(l.of))
	if n == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(l.of[:n]))[n/2]
}

// guess is the encoding speed assumed before the first checkpoint, in bytes a
// second. It need only be of the right order.
const guess = 256 << 20

// checkpointForget makes about twelve checkpoints count.
const checkpointForget = 0.92

// expectation: where a constant and bytes explain a cost equally well, bytes
// that have changed do, since a change of load shows in them.
var expectation = Vector{0.1, 0.4, 0.1}

// Observe learns from a checkpoint that is durable.
func (c *Checkpoints) Observe(k Checkpoint) {
	if k.Dirty < 0 || k.State < 0 || k.Capture < 0 || k.Encode < 0 || k.Persist < 0 || k.Align < 0 {
		return
	}
	for _, l := range []*Linear{&c.capture, &c.encode, &c.persist} {
		l.Forget, l.Expect = checkpointForget, expectation
	}
	before := c.Predict(k.Dirty, k.State)
	actual := (k.Align + k.Capture + k.Encode).Seconds()
	if before.Samples == 0 {
		c.own.mean, c.own.dev = actual, actual/2
	} else {
		c.own.learn(actual, actual-(before.Align+before.Own()).Seconds())
	}
	held := (k.Align + k.Capture).Seconds()
	c.hold.learn(held, held-(before.Align+before.Capture).Seconds())
	c.align.learn(k.Align.Seconds())
	x := features(k.Dirty, k.State)
	learn(&c.capture, x, k.Capture.Seconds())
	learn(&c.encode, x, k.Encode.Seconds())
	learn(&c.persist, x, k.Persist.Seconds())
}

// learn updates a model in proportion, by what was expected. The same bytes take once a half and
// once twice as long, as processors are free or not, and a plain square would follow the slow
// ones. Weighed by one over the root of what came as well, the fit is of E(√y) / E(1/√y), which is
// the median of whatever is as likely to be k times too long as k times too short.
func learn(l *Linear, x Vector, y float64) {
	expected := dot(l.theta, x)
	unit := math.Sqrt(expected * math.Sqrt(expected*y))
	if unit = min(unit, 2*y); unit <= 0 { // far too high an expectation must not weigh too little
		unit = max(expected, y)
	}
	if unit > 0 {
		for i := range x {
			x[i] /= unit
		}
		y /= unit
	}
	l.Update(x, y)
}

// Samples is how many checkpoints have been learnt.
func (c *Checkpoints) Samples() int { return c.capture.samples }

// Predict is what a checkpoint of dirty changed bytes, among state bytes, will
// take.
func (c *Checkpoints) Predict(dirty, state int64) Prediction {
	dirty, state = max(0, dirty), max(0, state)
	if c.capture.samples == 0 {
		e := seconds(float64(dirty) / guess)
		return Prediction{Encode: e, Persist: e, Margin: e}
	}
	x := features(dirty, state)
	at := func(l *Linear) time.Duration {
		y, _ := l.Predict(x)
		return seconds(y)
	}
	p := Prediction{
		Align: seconds(c.align.median()), Capture: at(&c.capture), Encode: at(&c.encode),
		Persist: at(&c.persist), Samples: c.capture.samples,
	}
	p.Margin = seconds(c.own.margin((p.Align + p.Own()).Seconds()))
	p.Doubt = seconds(c.hold.margin((p.Align + p.Capture).Seconds()))
	return p
}

// features are 1 and MiB, so that squares keep their precision.
func features(dirty, state int64) Vector {
	return Vector{1, float64(dirty) / (1 << 20), float64(state) / (1 << 20)}
}

// deviation is a moving mean of a value and of the error in predicting it.
type deviation struct{ mean, dev float64 }

func (d *deviation) learn(value, err float64) {
	d.mean += gain * (value - d.mean)
	d.dev += gain * (max(err, -err) - d.dev)
}

// margin is the error to expect of a prediction, in proportion to its size.
func (d *deviation) margin(predicted float64) float64 {
	if d.mean <= 0 {
		return d.dev
	}
	return d.dev * max(1, predicted/d.mean)
}

// seconds converts, without overflow.
func seconds(s float64) time.Duration {
	const most = 1 << 30 // 34 years
	if !(s > 0) {
		return 0
	}
	return time.Duration(min(s, most) * float64(time.Second))
}
