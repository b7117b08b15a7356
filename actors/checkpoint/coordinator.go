package checkpoint

import (
	"fmt"
	"time"
)

// Config is what a [Coordinator] decides by.
type Config struct {
	Tasks    int           // that must acknowledge
	Interval time.Duration // between the beginnings of two checkpoints; ≤ 0 for none but the final
	Timeout  time.Duration // after which one is given up
	// Tolerate is how many checkpoints may fail in a row before the job does.
	Tolerate int
	// Next is the first identifier to use.
	Next uint64
}

// phase is where the checkpoint under way stands.
type phase int

const (
	idle phase = iota
	collecting
	publishing
	committing
)

// Coordinator decides about the checkpoints of one attempt of a job.
type Coordinator struct {
	cfg    Config
	now    time.Time
	phase  phase
	id     uint64
	final  bool
	began  time.Time
	last   time.Time // when the latest began; zero before the first
	acked  []bool
	commit []bool // tasks yet to commit
	left   int    // answers missing in this phase
	failed int    // in a row

	wantFinal bool
	due       bool     // asked for
	labels    []string // savepoints asked for
	done      bool
}

// New makes a coordinator of no checkpoint.
func New(cfg Config) *Coordinator {
	return &Coordinator{cfg: cfg, acked: make([]bool, cfg.Tasks), commit: make([]bool, cfg.Tasks)}
}

// InProgress is the checkpoint under way, or 0.
func (c *Coordinator) InProgress() uint64 {
	if c.phase == idle {
		return 0
	}
	return c.id
}

// Next is when the next checkpoint is due, if any is scheduled. It may be past
// while another is under way.
func (c *Coordinator) Next() (at time.Time, ok bool) {
	if c.cfg.Interval <= 0 || c.last.IsZero() || c.done || c.wantFinal {
		return time.Time{}, false
	}
	return c.last.Add(c.cfg.Interval), true
}

// Step applies ev and appends to cmds what must be done about it.
func (c *Coordinator) Step(ev Event, cmds []Command) []Command {
	if c.done {
		return cmds
	}
	switch ev := ev.(type) {
	case Tick:
		cmds = c.tick(ev, cmds)
	case Trigger:
		c.labels = append(c.labels, ev.Label)
	case Due:
		c.due = true
	case Plan:
		c.cfg.Interval = ev.Interval
	case Ended, Stop:
		c.wantFinal = true
	case Acked:
		cmds = c.ack(ev, cmds)
	case Declined:
		if c.collects(ev.Checkpoint) {
			cmds = c.abort(ev.Err, cmds)
		}
	case Published:
		cmds = c.published(ev, cmds)
	case Committed:
		cmds = c.committed(ev, cmds)
	}
	return c.begin(cmds)
}

func (c *Coordinator) collects(id uint64) bool { return c.phase == collecting && id == c.id }

func (c *Coordinator) tick(ev Tick, cmds []Command) []Command {
	c.now = ev.Now
	if c.last.IsZero() {
		c.last = ev.Now // the first is due an interval after the start
	}
	if c.phase == collecting && c.cfg.Timeout > 0 && ev.Now.Sub(c.began) >= c.cfg.Timeout {
		return c.abort(fmt.Errorf("not all tasks acknowledged within %v; raise the timeout, "+
			"or see which step holds its barrier back", c.cfg.Timeout), cmds)
	}
	return cmds
}

// begin starts a checkpoint if one is due and none is under way.
func (c *Coordinator) begin(cmds []Command) []Command {
	if c.phase != idle || c.done || c.now.IsZero() {
		return cmds
	}
	in := Inject{Final: c.wantFinal}
	switch {
	case len(c.labels) > 0:
		in.Savepoint, in.Label = true, c.labels[0]
		c.labels = c.labels[1:]
	case c.wantFinal, c.due:
	case c.cfg.Interval > 0 && c.now.Sub(c.last) >= c.cfg.Interval:
	default:
		return cmds
	}
	in.Checkpoint = c.cfg.Next
	c.cfg.Next++
	c.due = false
	c.phase, c.id, c.final = collecting, in.Checkpoint, in.Final
	c.began, c.last = c.now, c.now
	c.left = c.cfg.Tasks
	clear(c.acked)
	clear(c.commit)
	return append(cmds, in)
}

func (c *Coordinator) ack(ev Acked, cmds []Command) []Command {
	if !c.collects(ev.Checkpoint) || c.acked[ev.Task] {
		return cmds
	}
	c.acked[ev.Task], c.commit[ev.Task] = true, ev.Commits
	if c.left--; c.left > 0 {
		return cmds
	}
	c.phase = publishing
	return append(cmds, Publish{c.id})
}

func (c *Coordinator) published(ev Published, cmds []Command) []Command {
	if c.phase != publishing || ev.Checkpoint != c.id {
		return cmds
	}
	if ev.Err != nil {
		return c.abort(ev.Err, cmds)
	}
	c.phase, c.failed = committing, 0
	for _, commits := range c.commit {
		if commits {
			c.left++
		}
	}
	return c.settle(append(cmds, Commit{c.id}))
}

func (c *Coordinator) committed(ev Committed, cmds []Command) []Command {
	if c.phase != committing || ev.Checkpoint != c.id || !c.commit[ev.Task] {
		return cmds
	}
	c.commit[ev.Task] = false
	c.left--
	return c.settle(cmds)
}

// settle ends a checkpoint that nothing is left to commit of.
func (c *Coordinator) settle(cmds []Command) []Command {
	if c.left > 0 {
		return cmds
	}
	c.phase = idle
	if c.final {
		c.done = true
		return append(cmds, Finish{})
	}
	return cmds
}

// abort gives the checkpoint up. Too many in a row fail the job, and so does
// a final one: its sources have stopped.
func (c *Coordinator) abort(err error, cmds []Command) []Command {
	c.failed++
	c.phase = idle
	cmds = append(cmds, Abort{c.id, err})
	if c.final || c.failed > c.cfg.Tolerate {
		c.done = true
		cmds = append(cmds, Fail{fmt.Errorf("checkpoint %d: %w", c.id, err)})
	}
	return cmds
}
