package actors

import "github.com/flyball-stream/flyball/dataflow/operator"

// gate lets a source read a micro-batch at a time: as many records as the batch
// has left, or as there are for the time being.
type gate struct {
	on       bool // the job works in micro-batches
	open     bool // a batch is being read
	batch    uint64
	left     int64 // records; below 0 if a batch of them was larger, made up for later
	read     int64
	waits    bool // for the barrier of a checkpoint at the end
	injected []inject
	patience operator.Timestamp // when the batch ends for want of records
}

func (g *gate) take(n int, patience operator.Timestamp) {
	if g.on {
		g.left -= int64(n)
		g.read += int64(n)
		g.patience = patience
	}
}

// admits reports whether the source may emit.
func (r *reading) admits() bool {
	if r.batch.on && (!r.batch.open || r.batch.left <= 0) {
		return false
	}
	return r.meter.open(r.task.env.clock.now())
}

// release opens a batch.
func (r *reading) release(m release) error {
	g := &r.batch
	g.open, g.batch, g.read = true, m.batch, 0
	g.left = min(g.left, 0) + m.records
	g.waits = m.checkpoint && !r.halt
	g.patience = r.task.env.clock.now().Add(r.task.env.linger)
	return r.proceed()
}

// batchEnds ends the open batch if it is full, or nothing has come for a while.
// A checkpoint in it is begun then.
func (r *reading) batchEnds() error {
	g := &r.batch
	now := r.task.env.clock.now()
	if !g.open || g.left > 0 && (now < g.patience || r.delivers(r.task.env.clock.mono())) && !r.over && !r.halt {
		return nil
	}
	g.patience = operator.MaxTimestamp
	if g.left = min(g.left, 0); g.waits && len(g.injected) == 0 {
		return nil
	}
	g.open, g.waits = false, false
	for _, m := range g.injected {
		if err := r.begin(m); err != nil {
			return err
		}
	}
	g.injected = g.injected[:0]
	r.task.env.tell(batchRead{g.batch, g.read})
	return r.task.passed(g.batch)
}

// delivers reports whether records may be on their way: what the source waits for
// is a processor, for its goroutines or for itself, and not its input. Only a read
// that lasts, or one that brought nothing, shows want of records.
func (r *reading) delivers(now int64) bool {
	for _, s := range r.open {
		began, on := s.reads.since()
		if s.ready == nil && !s.dry && (!on || now-began < int64(r.task.env.linger)) {
			return true
		}
	}
	return false
}
