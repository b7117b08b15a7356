package simulate

import "time"

// encodeSlice is how long a task encodes between two batches, at most.
const encodeSlice = 500 * time.Microsecond

// run has a task go on until it is busy or has nothing to do.
func (s *simulation) run(t *task) {
	for t.doing == nothing || t.doing == sending {
		if !s.send(t) {
			if !s.slice(t) {
				t.become(sending, s.now)
			}
			return
		}
		t.become(nothing, s.now)
		s.settle(t)
		if t.ckpt.debt > 0 && s.slice(t) {
			return
		}
		if s.take(t) {
			continue
		}
		if s.linger(t) {
			continue
		}
		s.slice(t)
		return
	}
}

// settle gives the credit of the batch back that the task is done with.
func (s *simulation) settle(t *task) {
	ch, bytes := t.now.channel, t.now.records*s.spec.RecordBytes
	t.now = item{}
	if ch == nil {
		return
	}
	s.flight -= bytes
	if ch.give(1, bytes) {
		s.at(s.now+s.spec.Wake, woken, ch.from)
	}
}

// take begins the next thing to do and reports whether there was one.
func (s *simulation) take(t *task) bool {
	if t.source != nil {
		return s.read(t)
	}
	if t.inbox.len() == 0 {
		return false
	}
	i := t.inbox.pop()
	in := i.channel.index
	switch {
	case t.blocked[in]:
		t.held[in].push(i)
	case i.checkpoint > 0:
		s.barrier(t, in, i.checkpoint)
	default:
		t.now = i
		s.work(t)
	}
	return true
}

// read has a source task read a batch, or begin a checkpoint.
func (s *simulation) read(t *task) bool {
	src := t.source
	if id := src.barrier; id > 0 {
		src.barrier = 0
		t.ckpt.cost.Align = 0
		s.capture(t, id)
		return true
	}
	n := s.batchSize(t)
	if !src.load.Saturated {
		n = min(n, src.backlog)
	}
	if n == 0 || src.ended {
		return false
	}
	if again, ok := src.allow(n, t.decision.Rate, s.now, s.spec.Period); !ok {
		if !src.retry {
			src.retry = true
			s.at(again, resumed, t)
		}
		return false
	}
	records, born := src.read(n, s.now)
	t.now = item{records: records, born: born, admitted: s.now}
	s.work(t)
	return true
}

// batchSize is the records that a source task reads at a time: no more than its
// receivers want in a batch each.
func (s *simulation) batchSize(t *task) int64 {
	n := s.spec.BatchSize
	for _, lanes := range t.outputs {
		sum := int64(0)
		for _, ch := range lanes {
			sum += ch.batch
		}
		n = min(n, sum)
	}
	return n
}

// work begins to process the item that the task has taken.
func (s *simulation) work(t *task) {
	d := t.stage.Batch + time.Duration(t.now.records)*t.stage.Record
	if s.now < s.disk {
		d = time.Duration(float64(d) * s.spec.Checkpoints.Slowdown)
	}
	if t.stage.Noise > 0 {
		d = time.Duration(float64(d) * max(0.1, 1+t.stage.Noise*s.rand.NormFloat64()))
	}
	if until := t.pausedUntil(s.now); until > 0 {
		d += until - s.now
	}
	s.busy(t, working, d)
}

// busy has the task do something for a time.
func (s *simulation) busy(t *task, what doing, d time.Duration) {
	t.become(what, s.now)
	t.began, t.ends = s.now, s.now+max(d, 1)
	s.at(t.ends, worked, t)
}

// finish ends what the task was doing.
func (s *simulation) finish(t *task) {
	what := t.doing
	t.become(nothing, s.now)
	switch what {
	case working:
		s.processed(t)
	case capturing:
		s.captured(t)
	case encoding:
		s.encoded(t)
	}
}

// processed has done the work on a batch: what it emits is dealt to channels.
func (s *simulation) processed(t *task) {
	n := t.now.records
	bytes := n * s.spec.RecordBytes
	t.seen.records += n
	t.seen.batches++
	t.seen.bytes += bytes
	if ch := t.now.channel; ch != nil {
		ch.gotRecords += n
		ch.gotBatches++
		ch.gotBytes += bytes
	}
	t.state.touched += float64(n)
	t.state.grown += n * t.stage.State.Growth
	if t.ckpt.writing {
		t.ckpt.debt = encodeSlice
		if share := t.decision.Pace.Share; share > 0 && share < 1 {
			t.ckpt.debt = time.Duration(float64(s.now-t.began) * share / (1 - share))
		}
	}
	if t.source != nil {
		s.res.admit(s, n)
	}
	if len(t.outputs) == 0 {
		s.res.leave(s, t.now)
		return
	}
	for i := range t.outputs {
		t.emitted[i] += float64(n) * t.selectivity()
		out := int64(t.emitted[i])
		t.emitted[i] -= float64(out)
		t.seen.outputs[i] += out
		s.deal(t, t.outputs[i], out)
	}
	if s.now-t.flushAt >= s.spec.Linger {
		s.flush(t)
	}
}

// deal divides records over the lanes of an output by their weights; none is
// kept back.
func (s *simulation) deal(t *task, lanes []*channel, records int64) {
	weigh(lanes, s.now)
	left := records
	for _, ch := range lanes {
		ch.owed += float64(records) * ch.weight
		n := min(left, max(0, int64(ch.owed)))
		left -= n
		s.fill(t, ch, n)
	}
	for ; left > 0; left-- {
		most := lanes[0]
		for _, ch := range lanes[1:] {
			if ch.owed > most.owed {
				most = ch
			}
		}
		s.fill(t, most, 1)
	}
}

// fill puts records into a channel's buffer and sends what is full.
func (s *simulation) fill(t *task, ch *channel, n int64) {
	ch.owed -= float64(n)
	for n > 0 {
		if k := min(n, ch.batch-ch.buffer.records); k > 0 {
			ch.add(k, t.now.born, t.now.admitted)
			n -= k
		}
		if ch.buffer.records >= ch.batch {
			t.sends.push(ch.buffer)
			ch.buffer = item{}
		}
	}
}

// flush sends the partial batches.
func (s *simulation) flush(t *task) {
	t.flushAt = s.now
	for _, lanes := range t.outputs {
		for _, ch := range lanes {
			if ch.buffer.records > 0 {
				t.sends.push(ch.buffer)
				ch.buffer = item{}
			}
		}
	}
}

// linger flushes if partial batches have waited long enough, or will do so
// later. It reports whether there is something to send.
func (s *simulation) linger(t *task) bool {
	partial := false
	for _, lanes := range t.outputs {
		for _, ch := range lanes {
			partial = partial || ch.buffer.records > 0
		}
	}
	switch {
	case !partial:
		return false
	case s.now-t.flushAt >= s.spec.Linger:
		s.flush(t)
		return true
	case !t.flush:
		t.flush = true
		s.at(t.flushAt+s.spec.Linger, flushed, t)
	}
	return false
}

// send sends what is to be sent and reports whether that is all gone.
func (s *simulation) send(t *task) bool {
	for t.sends.len() > 0 {
		i := t.sends.items[t.sends.head]
		ch := i.channel
		if i.checkpoint == 0 {
			bytes := i.records * s.spec.RecordBytes
			if !ch.take(bytes) {
				ch.waiting, ch.starved = true, true
				return false
			}
			ch.sent += i.records
			s.flight += bytes
			s.res.peak = max(s.res.peak, s.flight)
		}
		t.sends.pop()
		ch.to.inbox.push(i)
		if ch.to.doing == nothing {
			s.at(s.now, woken, ch.to)
		}
	}
	return true
}

// quiet reports whether nothing is left to process.
func (s *simulation) quiet() bool {
	for _, t := range s.tasks {
		if t.doing != nothing || t.sends.len() > 0 || t.inbox.len() > 0 {
			return false
		}
		for _, lanes := range t.outputs {
			for _, ch := range lanes {
				if ch.buffer.records > 0 {
					return false
				}
			}
		}
	}
	return true
}
