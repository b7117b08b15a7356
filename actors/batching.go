package actors

import (
	"time"

	"github.com/flyball-stream/flyball/actors/checkpoint"
	"github.com/flyball-stream/flyball/actors/microbatch"
)

// batching carries out what a batcher says, for a job that works in
// micro-batches.
type batching struct {
	job     *job
	batcher *microbatch.Batcher // nil for a job that does not
	cmds    []microbatch.Command
}

func newBatching(j *job, cfg *MicroBatch) batching {
	if cfg == nil {
		return batching{}
	}
	return batching{job: j, batcher: microbatch.New(microbatch.Config{
		Interval: cfg.Interval, Every: cfg.Every, Policy: cfg.Policy(), Tasks: len(j.attempt.tasks),
	})}
}

func (b *batching) tick() {
	if b.batcher != nil {
		l := b.job.attempt.load()
		b.step(microbatch.Tick{Dirty: l.dirty, State: l.state})
	}
}

func (b *batching) step(ev microbatch.Event) {
	if b.batcher == nil {
		return
	}
	j := b.job
	b.cmds = b.batcher.Step(time.Duration(j.env.clock.mono()), ev, b.cmds[:0])
	for _, cmd := range b.cmds {
		switch c := cmd.(type) {
		case microbatch.Release:
			b.release(c)
		case microbatch.Completed:
			if tell := j.env.events.Batch; tell != nil {
				tell(c.CompletedBatch)
			}
		}
	}
}

// release lets the sources read a batch, in equal parts.
func (b *batching) release(c microbatch.Release) {
	var sources []*task
	for _, t := range b.job.attempt.tasks {
		if t.source != nil {
			sources = append(sources, t)
		}
	}
	n := int64(len(sources))
	for i, t := range sources {
		part := c.Records*int64(i+1)/n - c.Records*int64(i)/n
		b.job.env.root.Send(t.pid, release{c.Batch, part, c.Checkpoint})
	}
	if c.Checkpoint {
		b.job.step(checkpoint.Due{})
	}
}
