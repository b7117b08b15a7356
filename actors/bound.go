package actors

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// Bound is the memory that a job may use, in bytes, beside its keyed state.
// It follows from the plan and the configuration and does not depend on the
// input, as long as no record is larger than [operator.BatchBytes].
type Bound struct {
	Channels int
	// InFlight covers batches that have been sent and not yet processed: on
	// each channel the window and the batch that overdraws it.
	InFlight int64
	// Buffers covers batches being filled: one a channel, one a step, and two
	// for each split being read.
	Buffers int64
	// Snapshot covers encoded blocks on their way to the store. What must be
	// encoded early because it is about to change comes on top: at most what
	// one checkpoint captured.
	Snapshot int64
	Store    int64 // the snapshot store's tables and buffers
	// Runtime covers the program, its stacks and what the garbage collector
	// lets the heap grow by before it collects: as much again as is live.
	Runtime int64
	Total   int64
}

// processBytes is a Go process with the engine linked in and nothing to do.
const processBytes = 48 << 20

func boundOf(p *plan.Plan, cfg Config) Bound {
	b := Bound{Store: cfg.StoreBytes}
	for _, e := range p.Edges {
		b.Channels += e.Channels()
	}
	b.InFlight = int64(b.Channels) * int64(cfg.Window.Bytes+operator.BatchBytes)
	b.Buffers = int64(b.Channels) * operator.BatchBytes
	for _, v := range p.Vertices {
		n := int64(v.Parallelism)
		b.Buffers += n * int64(len(v.Steps)) * 2 * operator.BatchBytes
		if p.Graph.Steps[v.Steps[0]].Source != nil {
			b.Buffers += n * maxOpen * 2 * operator.BatchBytes
		}
		b.Snapshot += n * bufferBound()
	}
	live := b.InFlight + b.Buffers + b.Snapshot
	b.Runtime = processBytes + live
	b.Total = live + b.Runtime + b.Store
	return b
}

// String is the line that is printed at start.
func (b Bound) String() string {
	channels := fmt.Sprintf("%d channels", b.Channels)
	if b.Channels == 1 {
		channels = "one channel"
	}
	return fmt.Sprintf("memory bound %s + 2 × state: in flight %s over %s, "+
		"buffers %s, snapshots %s, store %s, runtime %s",
		size(b.Total), size(b.InFlight), channels, size(b.Buffers), size(b.Snapshot),
		size(b.Store), size(b.Runtime))
}

func size(n int64) string { return humanize.IBytes(uint64(n)) }
