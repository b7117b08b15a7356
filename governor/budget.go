package governor

import "math"

// firstBatches is what a channel may have in flight while the task's speed is
// not known.
const firstBatches = 4

// grant divides what may be in flight over the channels.
func (g *Governor) grant(obs *Observation, rate float64, d *Decision) {
	g.windows = sized(g.windows, len(obs.Channels))
	ceiling, pressed := g.ceiling(obs, d)
	if g.cfg.Goals.Latency > 0 && !g.service.Known() {
		// Nobody knows how long what is let in now will stay.
		ceiling.Batches = min(ceiling.Batches, firstBatches)
	}
	if math.IsInf(rate, 1) || g.cfg.Goals.Latency <= 0 && !pressed {
		if d.Reason.Bound != BoundLearning && !pressed {
			d.Reason.Bound = BoundNone
		}
		g.equal(ceiling, rate, d)
		return
	}
	seconds := math.Inf(1)
	if g.cfg.Goals.Latency > 0 {
		seconds = g.budget(obs, rate, d)
		d.Batch = g.batch(rate * g.stay() / float64(len(obs.Channels)))
	}
	g.rates = fair(rate, g.flow.channels, g.rates)
	bound := false
	for i, r := range g.rates {
		w := g.window(i, r*seconds, ceiling)
		bound = bound || w != ceiling
		g.windows[i] = steadyWindow(g.windows[i], w)
		d.Grants = append(d.Grants, Grant{Window: g.windows[i], Rate: r})
	}
	if !bound && !pressed {
		d.Reason.Bound = BoundNone
	}
}

// equal grants every channel the same.
func (g *Governor) equal(w Window, rate float64, d *Decision) {
	g.rates = g.rates[:0]
	if !math.IsInf(rate, 1) {
		g.rates = fair(rate, g.flow.channels, g.rates)
	}
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
	stay, hold, due := g.stay(), 0.0, g.due(obs)
	need := g.queue.need(due || obs.Checkpoint.Writing)
	if d.Reason.Bound == BoundService {
		need /= max(g.part, 0.1) // as much work as ever, although it takes longer
	}
	if due {
		p := d.Next
		hold = (p.Align + p.Capture + p.Margin).Seconds()
		d.Reason.Stall = p.Align + p.Own() + p.Margin
	}
	seconds := need
	left := stay - hold
	if due { // and then it works more slowly, for a while
		encoding := min(d.Pace.Share, d.Next.Encode.Seconds()/stay)
		left *= (1 - encoding) / g.service.Slowdown()
	}
	if left < need {
		// A stall that exceeds the goal by itself is not made any shorter by
		// letting the task run dry before it.
		seconds = max(left, min(leastQueue, stay/2))
		switch {
		case left <= 0:
			seconds = min(need, stay/2)
			d.Reason.Bound, d.Reason.Conflict = BoundFloor, LatencyBelowStall
		case hold > 0:
			d.Reason.Bound = BoundCheckpoint
		default:
			d.Reason.Bound = BoundLatency
		}
	}
	batches := rate / g.flow.batch(g.cfg.Batch)
	if all := float64(len(obs.Channels)); batches*left < all {
		d.Reason.Bound = BoundFloor
		if batches*stay < all {
			d.Reason.Conflict = LatencyBelowBatch
		}
	}
	return seconds
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
// goal takes them down to a batch. It reports whether that binds.
func (g *Governor) ceiling(obs *Observation, d *Decision) (w Window, pressed bool) {
	w = g.cfg.Window
	goal := float64(g.cfg.Goals.Memory)
	if goal <= 0 {
		return w, false
	}
	bytes := min(float64(w.Bytes), goal/4/float64(g.cfg.Channels))
	batches := float64(w.Batches)
	if over := float64(obs.Memory) / goal; over > 0.9 {
		left := max(0, (1-over)/0.1)
		bytes, batches = bytes*left, batches*left
		d.Reason = Reason{Bound: BoundMemory, Limit: float64(obs.Memory)}
		pressed = true
		if over >= 1 {
			d.Reason.Conflict = MemoryBelowState
		}
	} else if bytes < float64(w.Bytes) {
		d.Reason = Reason{Bound: BoundMemory, Limit: bytes}
		pressed = true
	}
	return Window{Batches: max(1, int(batches)), Bytes: max(1, int(bytes))}, pressed
}

func steadyWindow(old, new Window) Window {
	return Window{Batches: steady(old.Batches, new.Batches), Bytes: steady(old.Bytes, new.Bytes)}
}
