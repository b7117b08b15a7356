package actors

import (
	"fmt"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// queueBlocks is how many blocks may wait for the disk before a task stops
// encoding more. Blocks that must be encoded because their entries are about
// to change are queued in any case: together they are never more than what
// one checkpoint captured.
const queueBlocks = 16

// queued is a block on its way to the store.
type queued struct {
	step  string
	block state.Block
}

// blockQueue passes blocks from a task to the goroutine that stores them.
type blockQueue struct {
	mu      sync.Mutex
	blocks  []queued
	closed  bool // no more blocks will come
	dropped bool // nobody wants them any more
	starved bool // the task does not go on by itself: take will ask it to
	signal  chan struct{}
}

func newBlockQueue() *blockQueue { return &blockQueue{signal: make(chan struct{}, 1)} }

// put adds a block and never blocks.
func (q *blockQueue) put(b queued) {
	q.mu.Lock()
	q.blocks = append(q.blocks, b)
	q.mu.Unlock()
	q.poke()
}

func (q *blockQueue) close() { q.end(&q.closed) }

func (q *blockQueue) abort() { q.end(&q.dropped) }

func (q *blockQueue) end(flag *bool) {
	q.mu.Lock()
	*flag = true
	q.mu.Unlock()
	q.poke()
}

func (q *blockQueue) poke() {
	select {
	case q.signal <- struct{}{}:
	default:
	}
}

// room reports whether the disk can do with more blocks.
func (q *blockQueue) room() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.blocks) < queueBlocks
}

// goOn reports whether the task should ask itself for the next slice. If not,
// take will ask, whatever the task encodes until then: either a request is under
// way or one is promised, or encoding would stop for good with the records.
func (q *blockQueue) goOn() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.starved = len(q.blocks) >= queueBlocks
	return !q.starved
}

// take waits for the next block; ok is false after the last. hungry says that
// the task waits to be asked for more.
func (q *blockQueue) take() (b queued, hungry, ok bool, err error) {
	for {
		q.mu.Lock()
		switch {
		case q.dropped:
			q.mu.Unlock()
			return b, false, false, errAborted
		case len(q.blocks) > 0:
			b, q.blocks = q.blocks[0], q.blocks[1:]
			hungry = q.starved && len(q.blocks) < queueBlocks/2
			q.starved = q.starved && !hungry
			q.mu.Unlock()
			return b, hungry, true, nil
		case q.closed:
			q.mu.Unlock()
			return b, false, false, nil
		}
		q.mu.Unlock()
		<-q.signal
	}
}

// The sizes of new buffers: of a block that stays small, and of a full one with
// its last entry. What lies between would grow step by step, and leave twice its
// bytes to the garbage collector.
var bufferBytes = [2]int{4 << 10, state.BlockBytes + state.BlockBytes/8}

// keptBuffers is how many of each size a task keeps in any case: as many as are
// under way together while a checkpoint is made, but for what is encoded early.
var keptBuffers = [2]int{8 * queueBlocks, 2 * queueBlocks}

// keptEarly is for how many blocks more, of what a checkpoint captured, a task
// keeps full buffers at most: records that change much of it soon have a block of
// each key group begun at once.
const keptEarly = 6 * queueBlocks

// buffers are a task's buffers that have no block in them. They outlive a
// checkpoint: memory that is touched for the first time costs far more than what
// is encoded into it.
type buffers struct {
	mu    sync.Mutex
	free  [len(bufferBytes)][][]byte
	early int // full buffers that are kept beside keptBuffers
}

// captured has as many buffers kept as a checkpoint of so many bytes may need.
// They are no more than those bytes, which come on top of [Bound.Snapshot].
func (b *buffers) captured(bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	const full = len(bufferBytes) - 1
	b.early = int(min(bytes/int64(bufferBytes[full]), keptEarly))
	if most := b.kept(full); len(b.free[full]) > most {
		clear(b.free[full][most:])
		b.free[full] = b.free[full][:most]
	}
}

// kept is how many buffers of a size are kept.
func (b *buffers) kept(class int) int {
	if class == len(bufferBytes)-1 {
		return keptBuffers[class] + b.early
	}
	return keptBuffers[class]
}

// get returns an empty buffer for about size bytes.
func (b *buffers) get(size int) []byte {
	class := 0
	if size > bufferBytes[0] {
		class = 1
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	free := b.free[class]
	if n := len(free); n > 0 {
		b.free[class] = free[:n-1]
		return free[n-1]
	}
	return make([]byte, 0, bufferBytes[class])
}

// put takes the memory of a stored block back, unless it has grown to a size of
// its own.
func (b *buffers) put(buf []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for class, size := range bufferBytes {
		if cap(buf) >= size && cap(buf) <= 2*size && len(b.free[class]) < b.kept(class) {
			b.free[class] = append(b.free[class], buf[:0])
		}
	}
}

// bufferBound is the most that a task's buffers come to, in bytes.
func bufferBound() (n int64) {
	for class, size := range bufferBytes {
		n += int64(size) * int64(keptBuffers[class])
	}
	return n
}

// persistResult is what a task's part of a checkpoint has become.
type persistResult struct {
	blocks  []writtenBlock
	commits []snapshot.PendingCommit
}

// persister makes one task's part of one checkpoint durable, beside the task.
type persister struct {
	env          *environment
	subtask      int
	pid          *actor.PID
	name         string
	checkpoint   uint64
	queue        *blockQueue
	buffers      *buffers
	transactions []*transaction
	after        <-chan struct{} // the previous one's done: they share transactions
	done         chan struct{}
	rate         float64 // the most bytes a second; 0 for no limit
	until        int64   // for how long, monotonic
}

func (p *persister) run() {
	defer close(p.done)
	if p.after != nil {
		<-p.after
	}
	result, err := p.persist()
	p.env.root.Send(p.pid, &persisted{p.checkpoint, result, err, p.env.clock.mono()})
}

func (p *persister) persist() (r persistResult, err error) {
	w, err := p.env.store.NewWriter(p.env.generation, p.checkpoint, p.name, p.buffers.put)
	if err != nil {
		return r, fmt.Errorf("checkpoint %d: %w", p.checkpoint, err)
	}
	defer func() {
		if err != nil {
			w.Abort()
		}
	}()
	if r.blocks, err = p.store(w); err != nil {
		return r, err
	}
	if r.commits, err = p.settle(); err != nil {
		return r, err
	}
	writing := &p.env.conditions.writing
	writing.begin(p.env.clock.mono())
	defer func() { writing.end(p.env.clock.mono()) }()
	p.env.fault(faultFlush)
	err = w.Flush()
	p.env.fault(faultFlushed)
	return r, err
}

// store writes the blocks as the task encodes them.
func (p *persister) store(w *snapshot.Writer) ([]writtenBlock, error) {
	var written []writtenBlock
	for {
		q, hungry, ok, err := p.queue.take()
		if err != nil || !ok {
			return written, err
		}
		if hungry {
			p.env.root.Send(p.pid, encode{p.checkpoint})
		}
		ref, err := p.put(w, q)
		if err != nil {
			return nil, err
		}
		b := q.block
		written = append(written, writtenBlock{q.step, b.State, b.Group, b.Replaces, ref})
		if left := p.until - p.env.clock.mono(); p.rate > 0 && left > 0 {
			pause := time.Duration(float64(len(b.Data)) / p.rate * float64(time.Second))
			wait(p.env.ctx, min(pause, time.Duration(left)))
		}
	}
}

// put writes one block.
func (p *persister) put(w *snapshot.Writer, q queued) (snapshot.Ref, error) {
	p.env.conditions.writing.begin(p.env.clock.mono())
	defer func() { p.env.conditions.writing.end(p.env.clock.mono()) }()
	b, kind := q.block, snapshot.Delta
	if b.Replaces == state.All {
		kind = snapshot.Base
	}
	p.env.fault(faultPut)
	ref, err := w.Put(snapshot.Segment{
		Step: q.step, State: b.State, KeyGroup: uint16(b.Group), Kind: kind, Entries: uint32(b.Entries),
	}, b.Data)
	if err != nil {
		return ref, fmt.Errorf("checkpoint %d: %w", p.checkpoint, err)
	}
	return ref, nil
}

// settle makes the sinks' transactions durable, those of aborted checkpoints
// included.
func (p *persister) settle() ([]snapshot.PendingCommit, error) {
	var commits []snapshot.PendingCommit
	for _, x := range p.transactions {
		if x.token == nil {
			p.env.fault(faultPersist)
			token, err := persistPrepared(x.prepared)
			p.env.fault(faultPersisted)
			if err != nil {
				return nil, fmt.Errorf("checkpoint %d: step %q: prepare sink: %w",
					p.checkpoint, x.step, err)
			}
			x.token = token
		}
		commits = append(commits, snapshot.PendingCommit{Step: x.step, Subtask: p.subtask, Token: x.token})
	}
	return commits, nil
}

func persistPrepared(p operator.Prepared) (token []byte, err error) {
	defer recovered(&err)
	if token, err = p.Persist(); err == nil && token == nil {
		token = []byte{}
	}
	return token, err
}
