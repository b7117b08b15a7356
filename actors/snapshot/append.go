package snapshot

import (
	"errors"
	"fmt"

	checkpointv1 "github.com/flyball-stream/flyball/proto/checkpoint/v1"
)

const (
	minVolume   = 16 << 20 // bytes of value log
	minMemtable = 1 << 20  // bytes; a batch must fit into 15 % of it
	// volumesOfLive is how many volumes the live segments fill, about.
	volumesOfLive = 4
)

// position is how far a volume has been written.
type position struct {
	volume *volume
	commit uint64
}

func (p position) sync() error { return p.volume.sync(p.commit) }

// fence checks that a generation is the current one. The caller holds write.
func (s *Store) fence(g Generation) error {
	if s.closed {
		return ErrClosed
	}
	if !s.begun || g != s.generation {
		return fmt.Errorf("generation %d: %w (now %d)", g, ErrFenced, s.generation)
	}
	return nil
}

// append writes records at once into the active volume, or into a new one if they do not fit. The
// caller holds write. They are durable once the position is.
func (s *Store) append(recs []record) (position, error) {
	if s.closed {
		return position{}, ErrClosed
	}
	v := s.active
	if v == nil || v.damaged.Load() || !v.fits(recs) {
		var err error
		if v, err = s.rotate(recs); err != nil {
			return position{}, fmt.Errorf("write to state directory %s: %w", s.cfg.Dir, err)
		}
	}
	n, err := v.commit(recs)
	if err != nil {
		return position{}, fmt.Errorf("write to %s: %w", v.dir, err)
	}
	return position{v, n}, nil
}

// rotate makes a new active volume that has room for the records and begins to seal the old one.
func (s *Store) rotate(recs []record) (*volume, error) {
	// One volume at a time is between writing and sealed, and it has the last say on what is left
	// of the disk: Badger writes its table through a mapping too.
	s.sealing.Wait()
	need := int64(logHeader + entryRoom)
	for _, r := range recs {
		need += r.logBytes()
	}
	s.mu.Lock()
	cat, old, capacity := s.cat, s.active, s.volumeSize()
	s.mu.Unlock()
	root, err := s.catalogueRecord(cat)
	if err != nil {
		return nil, err
	}
	capacity = max(capacity, need+root.logBytes()+entryRoom)
	s.nextID++
	v, err := createVolume(volumeDir(s.cfg.Dir, s.nextID), capacity, s.memtableFor(capacity, old), s.cfg.Logger)
	if err != nil {
		return nil, err
	}
	v.id = s.nextID
	if err := v.install(root); err != nil {
		return nil, errors.Join(err, v.remove())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.volumes, s.active, s.home = append(s.volumes, v), v, v
	if old != nil && !old.damaged.Load() {
		old.closing = true
		s.sealing.Go(func() { s.retireVolume(old) })
	}
	return v, nil
}

// memtableFor is the size of a new volume's memtable: an eighth of its capacity, or twice what the
// volume before has shown that it takes. Badger allocates it at once.
func (s *Store) memtableFor(capacity int64, before *volume) int64 {
	size := capacity / 8
	if before != nil && 4*before.used > before.capacity {
		size = min(size, 2*capacity*before.memUsed/before.used)
	}
	return min(s.memtable, max(minMemtable, size))
}

// volumeSize is the capacity of a new volume: a share of what is live, so that the number of
// volumes stays small and the space of half-dead ones does too, or what one checkpoint writes, so
// that it seldom waits for the change of volumes. The caller holds mu.
func (s *Store) volumeSize() int64 {
	var live int64
	for _, v := range s.volumes {
		live += v.live
	}
	size := max(live/volumesOfLive, s.writing.bytes, s.lastBytes)
	return max(s.cfg.volumeBytes, min(size, s.cfg.MemoryBytes))
}

// retireVolume seals a volume. If that fails its segments stay as durable as they were, and the
// next opening of the directory repairs it.
func (s *Store) retireVolume(v *volume) {
	err := v.seal()
	size := diskUse(v.dir)
	if err != nil {
		v.damaged.Store(true)
		s.cfg.Logger.Error("seal volume", "dir", v.dir, "err", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.size, v.closing = size, false
}

func (s *Store) catalogueRecord(c *catalogue) (record, error) {
	b, err := s.pack.pack(c.toWire())
	return record{[]byte{catalogueTag}, b}, err
}

func (s *Store) readCatalogue(v *volume) (*catalogue, error) {
	b, err := v.get([]byte{catalogueTag}, nil)
	if err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	var w checkpointv1.Catalogue
	if err := s.pack.unpack(b, &w); err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	return catalogueFromWire(&w)
}

// change makes the next catalogue durable, together with other records. The caller holds root.
func (s *Store) change(next *catalogue, recs ...record) (*volume, error) {
	root, err := s.catalogueRecord(next)
	if err != nil {
		return nil, err
	}
	s.write.Lock()
	at, err := s.append(append(recs, root))
	s.write.Unlock()
	if err == nil {
		err = at.sync()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		// Nobody knows whether it is durable, so its sequence is not used again.
		c := *s.cat
		c.sequence = next.sequence
		s.cat = &c
		return nil, err
	}
	s.cat, s.home = next, at.volume
	return at.volume, nil
}

// catalogue returns the current one.
func (s *Store) catalogue() *catalogue {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cat
}
