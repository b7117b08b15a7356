package governor

import "math"

// firstBatches is what a channel may have in flight while the task's speed is
// not known.
const firstBatches = 4

// grant divides what may be in flight over the channels.
func (g *Governor) grant(obs *Observation, rate float64, d *Decision) {
	g.windows = sized(g.windows, len(obs.Channels))
	ceiling := g.ceiling(obs, d)
	goal := g.cfg.Goals.Latency > 0
	if goal && !g.service.Known() {
		// Nobody knows how long what is let in now will stay.
		ceiling.Batches = min(ceiling.Batches, firstBatches)
		d.Reason.Window = BoundLearning
	}
	g.rates = g.rates[:0]
	if !math.IsInf(rate, 1) {
		g.rates = fair(rate, g.flow.channels, g.rates)
	}
	if !goal || len(g.rates) == 0 {
		g.equal(ceiling, d)
		return
	}
	seconds := g.budget(obs, rate, d)
	d.Batch = g.batch(rate * g.stay() / float64(len(obs.Channels)))
	bound := ceiling != g.cfg.Window
	for i, r := range g.rates {
		w := g.window(i, r*seconds, ceiling)
		bound = bound || w != ceiling
		g.windows[i] = steadyWindow(g.windows[i], w)
		d.Grants = append(d.Grants, Grant{Window: g.windows[i], Rate: r})
	}
	if !bound {
		d.Reason.Window = BoundNone
	}
}

// equal grants every channel the same window.
func (g *Governor) equal(w Window, d *Decision) {
	for i := range g.windows {
		g.windows[i] = w
		grant := Grant{Window: w}
		if len(g.rates) > 0 {
			grant.Rate = g.rates[i]
		}
		d.Grants = append(d.Grants, grant)
	}
}

// budget is the time's worth of records, in seconds, that may be in flight to
// the task: what keeps it busy, and at most its part of the latency goal less
// what a checkpoint that is due will hold the records up for.
func (g *Governor) budget(obs *Observation, rate float64, d *Decision) float64 {
	why := &d.Reason
	own := why.Rate == BoundService
	speed := g.speed(obs, d)
	need := max(leastQueue/2, g.queue.need()*speed)
	left, hold := g.left(obs, d, speed)
	seconds := need
	switch stay := g.stay(); {
	case left >= need:
		why.Window = max(why.Window, BoundQueue)
	case left <= 0:
		// A stall that exceeds the goal by itself is not made any shorter by
		// letting the task run dry before it.
		seconds = min(need, stay/2)
		why.Window, why.Conflict = BoundFloor, LatencyBelowStall
	default:
		seconds = max(left, min(leastQueue, stay/2))
		why.Window = BoundLatency
		if hold > 0 {
			why.Window = BoundCheckpoint
		}
	}
	batches := rate / g.flow.batch(g.cfg.Batch)
	if all := float64(len(obs.Channels)); own && batches*left < all {
		why.Window = BoundFloor
		if batches*g.stay() < all {
			why.Conflict = LatencyBelowBatch
		}
	}
	return seconds
}

// left is what a checkpoint leaves of the task's part of the latency goal, in
// seconds, and how long it holds records up.
func (g *Governor) left(obs *Observation, d *Decision, speed float64) (left, hold float64) {
	stay := g.stay()
	if !g.due(obs) {
		return stay, 0
	}
	d.Reason.Stall = d.Next.Align + d.Next.Capture + d.Next.Doubt
	hold = d.Reason.Stall.Seconds()
	return (stay - hold) * speed, hold
}

// speed is the part of its speed that the task will have while the checkpoint that
// is due is encoded and written. What waits for the task then takes so much longer,
// so less must be let in beforehand: it is too late when the barrier is there.
func (g *Governor) speed(obs *Observation, d *Decision) float64 {
	c := &obs.Checkpoint
	due := g.due(obs)
	if !due && !c.Writing {
		return 1
	}
	speed := 1 / g.service.Slowdown()
	if due || c.Encode > 0 {
		speed *= 1 - min(d.Pace.Share, d.Next.Encode.Seconds()/g.stay())
	}
	return speed
}

// window is what holds records, at most the ceiling and at least a batch.
func (g *Governor) window(channel int, records float64, ceiling Window) Window {
	w := ceiling
	if n := records / g.flow.batchOf(channel, g.cfg.Batch); n < float64(w.Batches) {
		w.Batches = max(1, int(n))
	}
	// Batches differ in size: the bytes leave some room, the batches bind.
	if b := headroom * records * g.flow.record(); b > 0 && b < float64(w.Bytes) {
		w.Bytes = max(1, int(b))
	}
	return w
}

// batch is the records that a sender should put into a batch: less than ever
// only if a channel's part of the latency goal, in records, holds no more than a
// few, and not so few that the fixed cost of a batch shows.
func (g *Governor) batch(records float64) int {
	const few, least = 4, 16
	want := records / few
	if own := g.service.Record(); own > 0 {
		want = max(want, min(records, g.service.Batch()/own/showing))
	}
	if want >= float64(g.cfg.Batch) {
		return 0
	}
	return max(least, int(want))
}

// showing is the part of a batch's time that its fixed cost may take.
const showing = 0.02

// ceiling is the widest window that the memory goal allows. The windows of all
// channels may use a quarter of the goal, since the collector lets the heap
// grow to twice what is live and state needs room too; the last tenth of the
// goal takes them down to a batch.
func (g *Governor) ceiling(obs *Observation, d *Decision) Window {
	w := g.cfg.Window
	goal := float64(g.cfg.Goals.Memory)
	if goal <= 0 {
		return w
	}
	bytes := min(float64(w.Bytes), goal/4/float64(g.cfg.Channels))
	batches := float64(w.Batches)
	if used := float64(obs.Memory) / goal; used > 0.9 {
		left := max(0, (1-used)/0.1)
		bytes, batches = bytes*left, batches*left
		if used >= 1 {
			d.Reason.Conflict = MemoryBelowState
		}
	}
	w = Window{Batches: max(1, int(batches)), Bytes: max(1, int(bytes))}
	if w != g.cfg.Window {
		d.Reason.Window = BoundMemory
	}
	return w
}

func steadyWindow(old, new Window) Window {
	return Window{Batches: steady(old.Batches, new.Batches), Bytes: steady(old.Bytes, new.Bytes)}
}
