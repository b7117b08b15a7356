package snapshot

import (
	"errors"
	"fmt"
	"math"
)

// Publish makes a checkpoint exist, durably and at once. Its segments must have been flushed. It
// fails if one of them is not there, if a newer checkpoint has been published, or with
// [ErrFenced]. The manifest is not retained.
func (s *Store) Publish(m *Manifest) error {
	if err := s.publish(m); err != nil {
		return fmt.Errorf("publish checkpoint %d: %w", m.ID, err)
	}
	return nil
}

func (s *Store) publish(m *Manifest) error {
	if err := s.valid(m); err != nil {
		return err
	}
	b, err := s.pack.pack(toWire(m))
	if err != nil {
		return err
	}
	s.root.Lock()
	defer s.root.Unlock()
	s.write.Lock()
	err = s.fence(m.Generation)
	s.write.Unlock()
	if err != nil {
		return err
	}
	keys, err := s.hold(m)
	if err != nil {
		return err
	}
	next := s.catalogue().next()
	next.checkpoint = max(next.checkpoint, m.ID)
	next.entries = append(next.entries, m.info())
	v, err := s.change(next, record{manifestKey(m.ID), b})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.release(keys)
		return err
	}
	s.manifests[m.ID] = v
	v.manifests++
	v.entries++
	s.floor, s.published = m.ID, true
	s.release(s.pinned)
	s.pinned = keys
	for _, k := range keys {
		s.ref(k, 1)
	}
	s.forget(m.ID)
	return nil
}

func (s *Store) valid(m *Manifest) error {
	if m.Flow != s.cfg.Flow {
		return fmt.Errorf("it is of flow %q and the directory is of %q", m.Flow, s.cfg.Flow)
	}
	if m.KeyGroups < 0 || m.KeyGroups > math.MaxUint16+1 || m.Attempt < 0 {
		return fmt.Errorf("%d key groups, attempt %d", m.KeyGroups, m.Attempt)
	}
	for _, t := range m.Tasks {
		if t.Subtask < 0 || t.Subtask > math.MaxInt32 {
			return fmt.Errorf("vertex %q: subtask %d", t.Vertex, t.Subtask)
		}
	}
	return nil
}

// hold pins every segment of a manifest, so that none can go while the manifest is written.
func (s *Store) hold(m *Manifest) ([]segmentKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.ID <= s.floor {
		return nil, fmt.Errorf("checkpoint %d is complete or was given up before", s.floor)
	}
	var keys []segmentKey
	var err error
	m.refs(func(r Ref) {
		k := r.key()
		if err != nil {
			return
		}
		if p, ok := s.index[k]; !ok || p.bad {
			err = fmt.Errorf("%s is not stored", describe(r))
			return
		}
		s.ref(k, 1)
		keys = append(keys, k)
	})
	if err != nil {
		s.release(keys)
	}
	return keys, err
}

// release undoes hold. The caller holds mu. Segments that nobody else needs stay in the index as
// long as their checkpoint is not given up.
func (s *Store) release(keys []segmentKey) {
	for _, k := range keys {
		p, ok := s.index[k]
		if !ok {
			continue
		}
		if p.refs == 1 && k.checkpoint > s.floor {
			p.refs = 0
			p.volume.live -= int64(k.bytes)
			s.index[k] = p
			continue
		}
		s.ref(k, -1)
	}
}

func describe(r Ref) string {
	return fmt.Sprintf("segment %d of checkpoint %d (step %q, state %q, key group %d)",
		r.Sequence, r.Checkpoint, r.Step, r.State, r.KeyGroup)
}

// Keep makes a savepoint of a retained checkpoint: it stays until it is deleted.
func (s *Store) Keep(id uint64, label string) error {
	s.root.Lock()
	defer s.root.Unlock()
	next := s.catalogue().next()
	for i := range next.entries {
		if next.entries[i].ID == id {
			next.entries[i].Kind, next.entries[i].Label = Savepoint, label
			if _, err := s.change(next); err != nil {
				return fmt.Errorf("keep checkpoint %d: %w", id, err)
			}
			return nil
		}
	}
	return fmt.Errorf("keep checkpoint %d: %w", id, ErrNotFound)
}

// Delete removes a checkpoint. Its space is freed by the next Collect. The newest checkpoint and
// savepoints are removed only by force.
func (s *Store) Delete(id uint64, force bool) error {
	s.root.Lock()
	defer s.root.Unlock()
	cat := s.catalogue()
	e, ok := cat.find(id)
	switch {
	case !ok:
		return fmt.Errorf("delete checkpoint %d: %w", id, ErrNotFound)
	case !force && id == cat.newest():
		return fmt.Errorf("delete checkpoint %d: it is the newest, which a restart needs; "+
			"force its deletion if state may be lost", id)
	case !force && e.Kind == Savepoint:
		return fmt.Errorf("delete checkpoint %d: it is the savepoint %q; force its deletion", id, e.Label)
	}
	next := cat.next()
	next.drop(id)
	if err := s.retire(next, []Info{e}); err != nil {
		return fmt.Errorf("delete checkpoint %d: %w", id, err)
	}
	return nil
}

// retire stores a catalogue that lacks some entries and lets go of their segments. The caller
// holds root.
func (s *Store) retire(next *catalogue, entries []Info) error {
	manifests := make([]*Manifest, len(entries))
	var errs error
	for i, e := range entries {
		m, err := s.load(e)
		manifests[i], errs = m, errors.Join(errs, err)
	}
	if _, err := s.change(next); err != nil {
		return err
	}
	if errs != nil {
		s.cfg.Logger.Error("retired checkpoint cannot be read; its space is freed when the "+
			"directory is opened again", "err", errs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, e := range entries {
		delete(s.broken, e.ID)
		if v := s.manifests[e.ID]; v != nil {
			v.manifests--
		}
		delete(s.manifests, e.ID)
		if m := manifests[i]; m != nil && !s.uncounted[e.ID] {
			m.refs(func(r Ref) { s.ref(r.key(), -1) })
		}
		delete(s.uncounted, e.ID)
	}
	return nil
}
