package actors

import (
	"errors"
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/governor/estimate"
)

// encodeSlice is how many entries a task encodes between two messages: a few
// tens of microseconds of work.
const encodeSlice = 512

// snapshots is the half of a task that takes part in checkpoints: it captures
// the chain at a barrier, encodes what was captured in slices between the
// records that follow, and answers the job when all is durable.
type snapshots struct {
	task       *task
	now        *part // the checkpoint under way, or nil
	alignBegan int64
	aligned    int64  // nanoseconds from the first barrier to the last
	captured   uint64 // the latest checkpoint whose barrier has passed
	pace       governor.Pace
	resume     operator.Timestamp // when encoding may begin, if that is put off
	owed       int64              // nanoseconds of encoding, for work that was done
	buffers    buffers
	dropped    uint64 // checkpoints up to this one are aborted
	chains     chains // what the last complete checkpoint consists of
	unsettled  []*transaction
	last       chan struct{} // closed when the latest part's goroutine has ended
}

// part is one task's part of one checkpoint.
type part struct {
	id      uint64
	queue   *blockQueue
	encoded bool
	offsets []snapshot.SplitOffset
	low     operator.Timestamp
	result  persistResult
	durable bool
	// stateless says that no state was captured.
	stateless bool
	at        int64 // of the capture
	copied    int64 // nanoseconds of copying before it
	cost      estimate.Checkpoint
}

// transaction is what a sink prepared, until it has been committed.
type transaction struct {
	step     string
	sink     operator.Sink
	prepared operator.Prepared
	token    []byte // nil until it is durable
}

// taskSnapshot is a task's part of a manifest.
type taskSnapshot = snapshot.TaskSnapshot

// capture lets the chain release what it holds back until a barrier, freezes
// it, sends the barrier on and begins to persist. Of a checkpoint that is
// aborted already, too, tasks release: elsewhere others may have.
func (s *snapshots) capture(id uint64, what extent, offsets []snapshot.SplitOffset) error {
	t := s.task
	for _, n := range t.nodes {
		if err := n.barrier(); err != nil {
			return err
		}
	}
	s.captured = id
	if id > s.dropped {
		if err := s.freeze(id, what, offsets); err != nil {
			return err
		}
	}
	for _, o := range t.boxes {
		if err := o.mark(mark{kind: barrierMark, checkpoint: id, extent: what}); err != nil {
			return err
		}
	}
	return nil
}

func (s *snapshots) freeze(id uint64, what extent, offsets []snapshot.SplitOffset) error {
	t := s.task
	if s.now != nil {
		return fmt.Errorf("capture checkpoint %d: checkpoint %d has not ended", id, s.now.id)
	}
	began := t.env.clock.mono()
	p := &part{
		id: id, queue: newBlockQueue(), offsets: offsets, low: s.watermark(),
		stateless: what == noState, at: began, cost: estimate.Checkpoint{Align: time.Duration(s.aligned)},
	}
	p.cost.Dirty, p.cost.State = s.load()
	if what == allState { // changed or not
		p.cost.Dirty = p.cost.State
	}
	p.copied = s.copies()
	s.buffers.captured(p.cost.Dirty)
	t.reg.revise(&p.cost)
	s.now, s.owed = p, 0
	defer func() {
		p.cost.Capture = time.Duration(t.env.clock.mono() - began)
		t.meter.capture.Add(int64(p.cost.Capture))
	}()
	t.env.fault(faultCapture)
	for _, n := range t.nodes {
		if n.state != nil && !p.stateless {
			err := n.state.Capture(stepSink{n.step.Name, p.queue, &s.buffers}, what == allState)
			if err != nil {
				return atStep(err, n.step.Name, State)
			}
		}
		if err := s.prepare(n, id); err != nil {
			return atStep(err, n.step.Name, n.kind)
		}
	}
	w := persister{
		env: t.env, subtask: t.subtask, pid: t.pid, name: t.String(), checkpoint: id,
		queue: p.queue, buffers: &s.buffers, transactions: append([]*transaction(nil), s.unsettled...),
		after: s.last, done: make(chan struct{}), rate: s.pace.BytesPerSecond,
		until: began + int64(s.pace.Within),
	}
	s.last = w.done
	t.env.fault(faultCaptured)
	t.env.beside(w.run)
	if d := s.pace.Delay; d > 0 {
		s.resume = t.env.clock.now().Add(d)
	} else {
		t.env.root.Send(t.pid, encode{id})
	}
	return nil
}

func (s *snapshots) watermark() operator.Timestamp {
	if s.task.source != nil {
		return s.task.source.low
	}
	return s.task.merger.Low()
}

func (s *snapshots) prepare(n *node, id uint64) error {
	if n.sink == nil {
		return nil
	}
	var p operator.Prepared
	err := guarded(func() (err error) {
		p, err = n.sink.Prepare(id)
		return err
	})
	if err != nil || p == nil {
		return err
	}
	s.unsettled = append(s.unsettled, &transaction{step: n.step.Name, sink: n.step.Sink, prepared: p})
	return nil
}

// more encodes a slice and asks for the next, unless the disk is behind: then
// the persisting goroutine will ask.
func (s *snapshots) more(id uint64) error {
	if s.now == nil || s.now.id != id {
		return nil
	}
	if s.pace.Share == 0 || !s.task.awaited() {
		if err := s.encodeSome(); err != nil {
			return err
		}
	}
	if !s.now.encoded && s.now.queue.goOn() {
		s.task.env.root.Send(s.task.pid, encode{id})
	}
	return nil
}

// slice encodes a little while the task waits for credit, and reports whether
// it is worth asking again.
func (s *snapshots) slice() bool {
	return s.encodes() && s.encodeSome() == nil
}

// encodes reports whether there is something to encode now.
func (s *snapshots) encodes() bool {
	return s.now != nil && !s.now.encoded && s.resume == operator.MaxTimestamp && s.now.queue.room()
}

// tick begins to encode what was put off.
func (s *snapshots) tick(now operator.Timestamp) {
	if s.resume > now {
		return
	}
	s.resume = operator.MaxTimestamp
	if s.now != nil {
		s.task.env.root.Send(s.task.pid, encode{s.now.id})
	}
}

// working and worked enclose work on records: while there is something to
// encode, it gets its share of the time.
func (s *snapshots) working() (began int64) {
	if s.pace.Share <= 0 || !s.encodes() {
		return 0
	}
	return s.task.env.clock.mono()
}

func (s *snapshots) worked(began int64) error {
	if began == 0 {
		return nil
	}
	now := s.task.env.clock.mono()
	s.owed += int64(float64(now-began) * s.pace.Share / (1 - s.pace.Share))
	for s.owed > 0 && s.encodes() {
		if err := s.encodeSome(); err != nil {
			return err
		}
		was := now
		now = s.task.env.clock.mono()
		s.owed -= now - was
	}
	return nil
}

func (s *snapshots) encodeSome() error {
	p, t := s.now, s.task
	if p.encoded {
		return nil
	}
	began := t.env.clock.mono()
	defer func() {
		took := t.env.clock.mono() - began
		p.cost.Encode += time.Duration(took)
		t.meter.encode.Add(took)
	}()
	for _, n := range t.nodes {
		if n.state == nil || p.stateless {
			continue
		}
		done, err := n.state.Encode(encodeSlice)
		if err != nil {
			return atStep(err, n.step.Name, State)
		}
		if !done {
			return nil
		}
	}
	p.encoded = true
	p.queue.close()
	return nil
}

// persisted takes the word of the goroutine that wrote the part, good or bad.
func (s *snapshots) persisted(m *persisted) error {
	p := s.now
	if p == nil || p.id != m.checkpoint {
		return nil
	}
	if m.err != nil {
		s.task.env.tell(declined{s.task.id, p.id, m.err})
		return nil
	}
	p.durable, p.result = true, m.result
	p.cost.Persist = time.Duration(m.at - p.at)
	p.cost.Encode += time.Duration(s.copies() - p.copied)
	s.task.reg.durable(p.id, p.cost)
	snap, err := s.snapshot(p)
	if err != nil {
		return err
	}
	s.task.env.tell(acked{s.task.id, p.id, snap, p.cost.Dirty, p.cost.State})
	return nil
}

// snapshot describes the part for the manifest: offsets, tokens, and for each
// state all runs of blocks that a restore would read.
func (s *snapshots) snapshot(p *part) (taskSnapshot, error) {
	t := s.task
	snap := taskSnapshot{
		Vertex: t.vertex.Name, Subtask: t.subtask, Watermark: int64(p.low), Splits: p.offsets,
		Commits: p.result.commits,
	}
	for _, n := range t.nodes {
		snap.Steps = append(snap.Steps, n.step.Name)
	}
	grown := s.chains.with(p.result.blocks)
	for _, n := range t.nodes {
		if n.state == nil || p.stateless {
			continue
		}
		for _, sc := range n.state.Schemas() {
			snap.States = append(snap.States, snapshot.StateSnapshot{
				Step: n.step.Name, State: sc.State, KeySchema: sc.Key, ValueSchema: sc.Value,
				Segments: grown.refs(n.step.Name, sc.State),
			})
		}
	}
	return snap, nil
}

// published adopts the checkpoint and commits what the sinks have prepared.
func (s *snapshots) published(id uint64) error {
	p, t := s.now, s.task
	if p == nil || p.id != id || !p.durable {
		return fmt.Errorf("checkpoint %d was published without this task's part", id)
	}
	s.now = nil
	s.chains = s.chains.with(p.result.blocks)
	entries := 0
	for _, n := range t.nodes {
		if n.state != nil && !p.stateless {
			n.state.Complete()
		}
		if n.state != nil {
			entries += n.state.Entries()
		}
	}
	t.meter.entries.Store(int64(entries))
	settled := s.unsettled
	s.unsettled = nil
	if len(settled) > 0 {
		t.env.beside(func() { s.commit(id, settled) })
	}
	return nil
}

// commit runs beside the task. A failure fails the attempt: the restart
// commits the manifest's tokens again.
func (s *snapshots) commit(id uint64, settled []*transaction) {
	for _, x := range settled {
		if x.token == nil {
			continue
		}
		s.task.env.fault(faultCommit)
		if err := guarded(func() error { return x.sink.Commit(x.token) }); err != nil {
			s.task.env.tell(failed{err: &TaskError{
				Flow: s.task.env.flow, Step: x.step, Subtask: s.task.subtask,
				Attempt: s.task.env.attempt, Kind: Sink,
				Err: fmt.Errorf("commit checkpoint %d: %w", id, err),
			}})
			return
		}
	}
	s.task.env.fault(faultCommitted)
	s.task.env.tell(committed{s.task.id, id})
}

// aborted gives a checkpoint up. What the sinks prepared for it stays and is
// committed with the next: its records will not come again.
func (s *snapshots) aborted(id uint64) {
	s.dropped = max(s.dropped, id)
	if s.now == nil || s.now.id > id {
		return
	}
	stateless := s.now.stateless
	s.now.queue.abort()
	s.now = nil
	for _, n := range s.task.nodes {
		if n.state != nil && !stateless {
			n.state.Abort()
		}
	}
}

func (s *snapshots) close() {
	if s.now != nil {
		s.now.queue.abort()
	}
}

// stepSink gives the blocks of one step to the part's queue.
type stepSink struct {
	step    string
	queue   *blockQueue
	buffers *buffers
}

func (s stepSink) Buffer(size int) []byte { return s.buffers.get(size) }

func (s stepSink) Block(b state.Block) {
	s.queue.put(queued{s.step, b})
}

var errAborted = errors.New("the checkpoint was aborted")
