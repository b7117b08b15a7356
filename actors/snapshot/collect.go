package snapshot

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

const (
	fewVolumes = 24 // up to this many, small volumes are left alone
	// worthwhile is the share of a volume, in percent, that may be live when it is emptied.
	worthwhile = 75
)

// Collect drops the checkpoints beyond Retain and frees space: volumes without a live segment are
// removed, and while more than half of the space is dead, what is live in the deadest volume is
// moved. It may run beside writers and Publish, and never frees a segment of a checkpoint that is
// retained or being written.
func (s *Store) Collect(ctx context.Context) error {
	s.collecting.Lock()
	defer s.collecting.Unlock()
	if err := s.dropRetired(); err != nil {
		return fmt.Errorf("collect: %w", err)
	}
	err := s.removeDead()
	for err == nil && ctx.Err() == nil {
		v := s.victim()
		if v == nil {
			break
		}
		if err = s.empty(ctx, v); err == nil {
			err = s.removeDead()
		}
		s.mu.Lock()
		v.stuck = v.stuck || slices.Contains(s.volumes, v) // never twice
		s.mu.Unlock()
	}
	if err = errors.Join(err, ctx.Err(), s.rest()); err != nil {
		return fmt.Errorf("collect: %w", err)
	}
	return nil
}

func (s *Store) dropRetired() error {
	s.root.Lock()
	defer s.root.Unlock()
	cat := s.catalogue()
	next := cat.next()
	retired := next.retire(s.cfg.Retain)
	if len(retired) == 0 {
		return nil
	}
	var entries []Info
	for _, id := range retired {
		e, _ := cat.find(id)
		entries = append(entries, e)
	}
	return s.retire(next, entries)
}

// removeDead removes the volumes that hold nothing any more, and damaged ones that nobody misses.
func (s *Store) removeDead() error {
	s.mu.Lock()
	var dead []*volume
	s.volumes = slices.DeleteFunc(s.volumes, func(v *volume) bool {
		d := v != s.active && v != s.home && !v.closing && v.live == 0 && v.manifests == 0 &&
			v.maxCheckpoint <= s.floor
		if d {
			dead = append(dead, v)
		}
		return d
	})
	if len(s.broken) == 0 && s.published {
		for _, id := range s.lost {
			s.cfg.Logger.Warn("remove a damaged volume that no retained checkpoint needs",
				"dir", volumeDir(s.cfg.Dir, id))
			dead = append(dead, &volume{dir: volumeDir(s.cfg.Dir, id), log: s.cfg.Logger})
		}
		s.lost, s.damage = nil, nil
	}
	s.mu.Unlock()
	var err error
	for _, v := range dead {
		err = errors.Join(err, v.remove())
	}
	return err
}

// victim chooses the volume to be emptied, nil if there is no need.
func (s *Store) victim() *volume {
	s.mu.Lock()
	defer s.mu.Unlock()
	var used, live int64
	var deadest, smallest *volume
	for _, v := range s.volumes {
		live += v.live
		if v == s.active || v == s.home || v.closing || v.stuck || v.maxCheckpoint > s.floor {
			continue
		}
		used += v.size
		if deadest == nil || v.live*deadest.size < deadest.live*v.size {
			deadest = v
		}
		if smallest == nil || v.size < smallest.size {
			smallest = v
		}
	}
	size := s.volumeSize()
	switch {
	case deadest == nil:
		return nil
	case used > 2*live+2*size && deadest.live*100 < deadest.size*worthwhile:
		return deadest
	case len(s.volumes) > fewVolumes && smallest.size < size/4 && smallest.entries < s.roomy()/4:
		return smallest
	}
	return nil
}

// roomy is about how many segments fit into the memtable of the smallest volume.
func (s *Store) roomy() int { return minMemtable * 3 / 4 / (nodeRoom + 64) }

// empty copies what is live in a volume to the active one.
func (s *Store) empty(ctx context.Context, v *volume) error {
	m := mover{store: s, from: v}
	var keys [][]byte
	err := v.each(func(key []byte) {
		if s.wanted(v, key) {
			keys = append(keys, slices.Clone(key))
		}
	})
	for i := 0; err == nil && i < len(keys); i++ {
		if err = ctx.Err(); err == nil {
			err = m.move(keys[i])
		}
	}
	if err == nil {
		err = m.finish()
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	s.mu.Lock()
	v.stuck = m.unreadable
	s.mu.Unlock()
	return fmt.Errorf("move live segments out of %s: %w", v.dir, err)
}

// wanted reports whether a key's record is live and in v.
func (s *Store) wanted(v *volume, key []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := parseSegmentKey(key); ok {
		p := s.index[k]
		return p.volume == v && p.refs > 0
	}
	id, ok := parseManifestKey(key)
	return ok && s.manifests[id] == v
}

// mover copies records from one volume to the active one, a batch at a time.
type mover struct {
	store      *Store
	from       *volume
	batch      []record
	bytes      int
	moved      []movedKey
	unreadable bool
}

type movedKey struct {
	key []byte
	at  position
}

func (m *mover) move(key []byte) error {
	value, err := m.from.get(key, nil)
	if err != nil {
		m.unreadable = true
		return err
	}
	m.batch = append(m.batch, record{key, value})
	if m.bytes += len(value); m.bytes < batchBytes && len(m.batch) < batchRecords {
		return nil
	}
	return m.commit()
}

func (m *mover) commit() error {
	if len(m.batch) == 0 {
		return nil
	}
	m.store.write.Lock()
	at, err := m.store.append(m.batch)
	m.store.write.Unlock()
	if err != nil {
		return err
	}
	for _, r := range m.batch {
		m.moved = append(m.moved, movedKey{r.key, at})
	}
	m.batch, m.bytes = m.batch[:0], 0
	return nil
}

// finish makes the copies durable and then the ones that count.
func (m *mover) finish() error {
	if err := m.commit(); err != nil {
		return err
	}
	for _, k := range m.moved {
		if err := k.at.sync(); err != nil {
			return err
		}
	}
	s := m.store
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, mk := range m.moved {
		m.redirect(mk.key, mk.at.volume)
	}
	return nil
}

// redirect lets the index name the copy. The caller holds the store's mu.
func (m *mover) redirect(key []byte, to *volume) {
	s := m.store
	if id, ok := parseManifestKey(key); ok && s.manifests[id] == m.from {
		s.manifests[id] = to
		m.from.manifests--
		to.manifests++
		to.entries++
		return
	}
	k, _ := parseSegmentKey(key)
	p, ok := s.index[k]
	if !ok || p.volume != m.from {
		return
	}
	p.volume = to
	s.index[k] = p
	m.from.live -= int64(k.bytes)
	to.live += int64(k.bytes)
	to.maxCheckpoint = max(to.maxCheckpoint, k.checkpoint)
	to.entries++
	s.stats.MovedBytes += int64(k.bytes)
}

// rest closes sealed volumes: between restores nobody reads them.
func (s *Store) rest() error {
	s.mu.Lock()
	volumes := slices.Clone(s.volumes)
	s.mu.Unlock()
	var err error
	for _, v := range volumes {
		err = errors.Join(err, v.idle()) // does nothing to the active one
	}
	return err
}
