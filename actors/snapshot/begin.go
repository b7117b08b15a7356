package snapshot

import (
	"context"
	"fmt"
)

// Begin takes the next generation, durably. From then on writers and publishers of earlier ones
// get [ErrFenced], and what they left unpublished is forgotten.
func (s *Store) Begin(ctx context.Context) (Generation, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("begin a generation: %w", err)
	}
	s.root.Lock()
	defer s.root.Unlock()
	next := s.catalogue().next()
	next.generation++
	if s.doubt {
		next.generation += idGap
		next.checkpoint += idGap
	}
	if _, err := s.change(next); err != nil {
		return 0, fmt.Errorf("begin generation %d: %w", next.generation, err)
	}
	s.write.Lock()
	s.begun, s.generation = true, next.generation
	s.write.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doubt = false
	s.floor = next.checkpoint
	s.forget(s.floor)
	return next.generation, nil
}

// NextCheckpoint is the lowest number that no checkpoint, complete or not, has ever had. It stays
// the same until a writer takes it.
func (s *Store) NextCheckpoint() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.cat.checkpoint
	if s.doubt {
		n += idGap
	}
	return n + 1
}

// forget drops the segments of unpublished checkpoints up to a number. The caller holds mu.
func (s *Store) forget(upto uint64) {
	for id, keys := range s.open {
		if id > upto {
			continue
		}
		for _, k := range keys {
			if p, ok := s.index[k]; ok && p.refs == 0 {
				delete(s.index, k)
			}
		}
		delete(s.open, id)
	}
}

// ref counts a segment as needed once more, or once less. The caller holds mu.
func (s *Store) ref(k segmentKey, by int) bool {
	p, ok := s.index[k]
	if !ok {
		return false
	}
	was := p.refs
	p.refs += by
	switch {
	case was == 0 && by > 0:
		p.volume.live += int64(k.bytes)
	case p.refs == 0:
		p.volume.live -= int64(k.bytes)
		delete(s.index, k)
		return true
	}
	s.index[k] = p
	return true
}

// recount finds out which segments the retained manifests need, and forgets the others. Nothing
// is being written. It fails if the system, and not the directory, keeps it from reading.
func (s *Store) recount() error {
	for id := range s.manifests {
		if _, ok := s.cat.find(id); !ok {
			delete(s.manifests, id)
		}
	}
	s.broken, s.uncounted = map[uint64]bool{}, map[uint64]bool{}
	for _, e := range s.cat.entries {
		m, err := s.load(e)
		if passing(err) {
			return err
		}
		s.mu.Lock()
		if v := s.manifests[e.ID]; v != nil {
			v.manifests++ // even if it is damaged, so that retiring counts it down in any case
		}
		if err != nil {
			s.broken[e.ID], s.uncounted[e.ID] = true, true
		} else {
			m.refs(func(r Ref) {
				if !s.ref(r.key(), 1) {
					s.broken[e.ID] = true
				}
			})
		}
		s.mu.Unlock()
	}
	for k, p := range s.index {
		if p.refs == 0 {
			delete(s.index, k)
		}
	}
	s.floor = s.cat.checkpoint
	return nil
}
