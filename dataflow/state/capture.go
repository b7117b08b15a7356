package state

import "errors"

// BlockBytes is the size at which an encoded block is handed to the sink. A
// block holds entries of one table and one key group only, so it may be
// smaller; it is larger only by its last entry.
const BlockBytes = 64 << 10

// A Block is a run of encoded entries of one state and key group.
type Block struct {
	State string
	Group int
	// Replaces is how many of the group's latest runs this capture's run
	// stands in for: 0 for a plain delta; [All] for a base.
	Replaces int
	Entries  int
	Data     []byte
}

// All as [Block.Replaces] marks a base: it needs no earlier run.
const All = -1

// A Sink takes the blocks of a capture. It is called by the backend's task
// and must not block.
type Sink interface {
	// Buffer returns an empty buffer for the next block, which the backend
	// hands back, filled, as a block's data. It will take about size bytes,
	// as far as the backend can tell, and never many more than [BlockBytes].
	Buffer(size int) []byte
	// Block takes ownership of b.Data.
	Block(b Block)
}

var errBusy = errors.New("capture state: the last capture has not ended")

// Capture freezes the tables as they are, in time that depends on the number
// of tables and key groups but not on their content, and prepares what has
// changed since the last completed capture to be written to sink by
// [Backend.Encode]. With full, everything is written, so that the result
// needs no earlier capture.
func (b *Backend) Capture(sink Sink, full bool) error {
	if b.sink != nil {
		return errBusy
	}
	b.sink = sink
	b.seq++
	for _, t := range b.tables {
		t.capture(full)
	}
	b.epoch++
	return nil
}

// Encode writes up to about budget frozen entries to the sink and reports
// whether that was all. The task calls it between batches until it is done,
// so that a large snapshot costs latency only in slices.
func (b *Backend) Encode(budget int) (done bool, err error) {
	if b.err != nil || b.sink == nil {
		return true, b.err
	}
	for _, t := range b.tables {
		spent, done, err := t.encode(budget)
		if err != nil || !done {
			return false, err
		}
		if budget -= spent; budget <= 0 {
			budget = 1
		}
	}
	return true, b.err
}

// Complete ends the capture once the checkpoint it belongs to is durable.
func (b *Backend) Complete() { b.end(table.complete) }

// Abort ends the capture of a failed checkpoint: what it would have saved
// counts as changed again.
func (b *Backend) Abort() { b.end(table.abort) }

func (b *Backend) end(each func(table)) {
	if b.sink == nil {
		return
	}
	for _, t := range b.tables {
		each(t)
	}
	b.sink = nil
}
