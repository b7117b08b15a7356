package snapshot

import (
	"fmt"
	"hash/crc32"
	"slices"
)

const (
	// MaxSegmentBytes bounds one segment.
	MaxSegmentBytes = 256 << 20
	batchBytes      = 1 << 20
	batchRecords    = 256
)

// Writer stores the segments of one task for one checkpoint. It is for one goroutine, and nothing
// it writes is visible before a manifest names it.
type Writer struct {
	store      *Store
	generation Generation
	checkpoint uint64
	task       string
	done       func([]byte)
	batch      []record
	bytes      int          // of the batch's values
	keys       []segmentKey // of the batch
	written    []position   // the last commit in each volume
}

// NewWriter makes a writer for one task's segments of a checkpoint. The checkpoint's number is
// taken from then on, durably. The task's name is for errors alone. done takes the bytes of a
// segment back as soon as the store has them; it may be nil.
func (s *Store) NewWriter(g Generation, checkpoint uint64, task string, done func([]byte)) (*Writer, error) {
	w := &Writer{store: s, generation: g, checkpoint: checkpoint, task: task, done: done}
	if err := s.start(g, checkpoint); err != nil {
		return nil, w.fail(err)
	}
	return w, nil
}

// start checks a checkpoint's number and takes it.
func (s *Store) start(g Generation, id uint64) error {
	s.root.Lock()
	defer s.root.Unlock()
	s.write.Lock()
	err := s.fence(g)
	s.write.Unlock()
	if err != nil {
		return err
	}
	s.mu.Lock()
	cat, floor := s.cat, s.floor
	s.mu.Unlock()
	switch {
	case id <= floor:
		return fmt.Errorf("numbers up to %d are taken; NextCheckpoint tells a free one", floor)
	case id <= cat.checkpoint:
		return nil
	}
	next := cat.next()
	next.checkpoint = id
	_, err = s.change(next)
	return err
}

func (w *Writer) fail(err error) error {
	return fmt.Errorf("write checkpoint %d of task %s: %w", w.checkpoint, w.task, err)
}

// Put stores a segment, which is durable after the next Flush. Until then data belongs to the
// writer, which may give it back before.
func (w *Writer) Put(g Segment, data []byte) (Ref, error) {
	if len(data) > MaxSegmentBytes {
		return Ref{}, w.fail(fmt.Errorf("step %q, state %q, key group %d: a segment of %d bytes, "+
			"at most %d are possible", g.Step, g.State, g.KeyGroup, len(data), MaxSegmentBytes))
	}
	r := Ref{
		Segment: g, Generation: uint64(w.generation), Checkpoint: w.checkpoint,
		Sequence: w.store.sequence.Add(1), Bytes: uint32(len(data)),
		CRC: crc32.Checksum(data, castagnoli),
	}
	if w.bytes+len(data) > batchBytes || len(w.batch) == batchRecords {
		if err := w.commit(); err != nil {
			return Ref{}, w.fail(err)
		}
	}
	key := r.key()
	w.keys = append(w.keys, key)
	w.bytes += len(data)
	w.batch = append(w.batch, record{key.encode(), data})
	return r, nil
}

// commit hands the batch to the store.
func (w *Writer) commit() error {
	if len(w.batch) == 0 {
		return nil
	}
	at, err := w.store.put(w.generation, w.batch, w.keys)
	for _, r := range w.batch {
		if w.done != nil && err == nil {
			w.done(r.value)
		}
	}
	clear(w.batch)
	w.batch, w.keys, w.bytes = w.batch[:0], w.keys[:0], 0
	if err != nil {
		return err
	}
	w.written = slices.DeleteFunc(w.written, func(p position) bool { return p.volume == at.volume })
	w.written = append(w.written, at)
	return at.volume.spill()
}

// put writes segments of one checkpoint and takes them into the index.
func (s *Store) put(g Generation, recs []record, keys []segmentKey) (position, error) {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.fence(g); err != nil {
		return position{}, err
	}
	at, err := s.append(recs)
	if err != nil {
		return at, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, v := keys[0].checkpoint, at.volume
	if id <= s.floor {
		return at, fmt.Errorf("checkpoint %d has been overtaken by %d", id, s.floor)
	}
	for _, k := range keys {
		s.index[k] = place{volume: v}
		s.wrote(id, int64(k.bytes))
	}
	s.open[id] = append(s.open[id], keys...)
	v.entries += len(keys)
	v.maxCheckpoint = max(v.maxCheckpoint, id)
	return at, nil
}

// wrote counts bytes of a checkpoint. The caller holds mu.
func (s *Store) wrote(id uint64, n int64) {
	s.stats.WrittenBytes += n
	if id > s.writing.id {
		s.lastBytes = s.writing.bytes
		s.writing.id, s.writing.bytes = id, 0
	}
	if id == s.writing.id {
		s.writing.bytes += n
	}
}

// Flush returns when everything that was Put is durable.
func (w *Writer) Flush() error {
	if err := w.commit(); err != nil {
		return w.fail(err)
	}
	for _, at := range w.written {
		if err := at.sync(); err != nil {
			return w.fail(err)
		}
	}
	w.written, w.batch = nil, nil
	return nil
}

// Abort gives up what has not been flushed. What was stored is forgotten with the checkpoint.
func (w *Writer) Abort() { w.batch, w.keys, w.written = nil, nil, nil }
