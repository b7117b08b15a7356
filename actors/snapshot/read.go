package snapshot

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"slices"

	checkpointv1 "github.com/flyball-stream/flyball/proto/checkpoint/v1"
)

// Latest returns the newest whole checkpoint, nil if the directory has none. Whole means that its
// manifest is as written and all its segments are there; a segment whose bytes have changed is
// noticed by [Store.Read], and after that Latest passes over the checkpoints that need it.
// Damage that may have cost a newer checkpoint is reported beside. If there are checkpoints and
// none is whole the error is [ErrDamaged].
func (s *Store) Latest() (*Manifest, []Damage, error) {
	s.mu.Lock()
	cat, damage := s.cat, slices.Clone(s.damage)
	s.mu.Unlock()
	for _, e := range slices.Backward(cat.entries) {
		m, err := s.whole(e)
		if err == nil {
			return m, damage, nil
		}
		damage = append(damage, s.damageOf(e.ID, err))
	}
	if len(damage) > 0 {
		return nil, damage, fmt.Errorf("find the latest checkpoint in %s: %w", s.cfg.Dir, ErrDamaged)
	}
	return nil, nil, nil
}

// damageOf makes sure that an error names the checkpoint.
func (s *Store) damageOf(id uint64, err error) Damage {
	var d Damage
	if errors.As(err, &d) {
		return d
	}
	return Damage{Checkpoint: id, Path: s.cfg.Dir, Err: err}
}

// Load returns a retained checkpoint, or a [Damage] if it is not whole.
func (s *Store) Load(id uint64) (*Manifest, error) {
	e, ok := s.catalogue().find(id)
	if !ok {
		return nil, fmt.Errorf("load checkpoint %d: %w", id, ErrNotFound)
	}
	m, err := s.whole(e)
	if err != nil {
		return nil, fmt.Errorf("load checkpoint %d: %w", id, s.damageOf(id, err))
	}
	return m, nil
}

// whole loads a manifest and checks that its segments are there.
func (s *Store) whole(e Info) (*Manifest, error) {
	m, err := s.load(e)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uncounted[e.ID] { // Collect may take its segments at any time
		return nil, errors.New("its manifest could not be read when the directory was opened " +
			"and can be now; open the directory again")
	}
	m.refs(func(r Ref) {
		if err != nil {
			return
		}
		p, ok := s.index[r.key()]
		if !ok {
			err = s.segmentDamage(e.ID, r, s.cfg.Dir, errors.New("the segment is missing"))
		} else if p.bad {
			err = s.segmentDamage(e.ID, r, p.volume.dir, errChecksum)
		}
	})
	return m, err
}

func (s *Store) segmentDamage(id uint64, r Ref, path string, err error) Damage {
	return Damage{
		Checkpoint: id, Path: path, Step: r.Step, State: r.State, KeyGroup: r.KeyGroup, Err: err,
	}
}

// load reads a manifest and checks that it is what the catalogue says.
func (s *Store) load(e Info) (*Manifest, error) {
	b, dir, err := s.manifestBytes(e.ID)
	if err != nil {
		return nil, Damage{Checkpoint: e.ID, Path: dir, Err: fmt.Errorf("read manifest: %w", err)}
	}
	var w checkpointv1.Manifest
	if err := s.pack.unpack(b, &w); err != nil {
		return nil, Damage{Checkpoint: e.ID, Path: dir, Err: fmt.Errorf("read manifest: %w", err)}
	}
	m, err := fromWire(&w)
	if err == nil && (m.ID != e.ID || m.Flow != s.cfg.Flow) {
		err = fmt.Errorf("it is checkpoint %d of flow %q", m.ID, m.Flow)
	}
	if err != nil {
		return nil, Damage{Checkpoint: e.ID, Path: dir, Err: fmt.Errorf("read manifest: %w", err)}
	}
	m.Kind, m.Label = e.Kind, e.Label // Keep may have changed them
	return m, nil
}

// manifestBytes reads a stored manifest. It may be moved to another volume meanwhile.
func (s *Store) manifestBytes(id uint64) (b []byte, dir string, err error) {
	for range 8 {
		s.mu.Lock()
		v := s.manifests[id]
		s.mu.Unlock()
		if v == nil {
			return nil, s.cfg.Dir, errors.New("it is missing")
		}
		b, err = v.get(manifestKey(id), nil)
		if dir = v.dir; !errors.Is(err, fs.ErrClosed) {
			break
		}
	}
	return b, dir, err
}

// Read appends a segment to buf and returns it all. It never returns other bytes than were
// written: the error names checkpoint, step, state and key group.
func (s *Store) Read(r Ref, buf []byte) ([]byte, error) {
	at := len(buf)
	out, v, err := s.readSegment(r.key(), buf)
	if err == nil && (len(out)-at != int(r.Bytes) || crc32.Checksum(out[at:], castagnoli) != r.CRC) {
		err = errChecksum
	}
	if err == nil {
		return out, nil
	}
	path := s.cfg.Dir
	if v != nil {
		path = v.dir
		s.mark(r.key())
	}
	return buf[:at], fmt.Errorf("read segment: %w", s.segmentDamage(r.Checkpoint, r, path, err))
}

func (s *Store) readSegment(k segmentKey, buf []byte) (out []byte, v *volume, err error) {
	key := k.encode()
	for range 8 {
		s.mu.Lock()
		p, ok := s.index[k]
		s.mu.Unlock()
		if !ok {
			return buf, nil, errors.New("the segment is missing")
		}
		v = p.volume
		if out, err = v.get(key, buf); !errors.Is(err, fs.ErrClosed) {
			break
		}
	}
	return out, v, err
}

// mark remembers that a segment cannot be read.
func (s *Store) mark(k segmentKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.index[k]; ok {
		p.bad = true
		s.index[k] = p
	}
}

// List returns the retained checkpoints, oldest first.
func (s *Store) List() []Info { return slices.Clone(s.catalogue().entries) }

// Verify reads all of a checkpoint and returns what is damaged.
func (s *Store) Verify(id uint64) []Damage {
	e, ok := s.catalogue().find(id)
	if !ok {
		return []Damage{{Checkpoint: id, Path: s.cfg.Dir, Err: ErrNotFound}}
	}
	m, err := s.load(e)
	if err != nil {
		return []Damage{s.damageOf(id, err)}
	}
	var damage []Damage
	var buf []byte
	m.refs(func(r Ref) {
		if buf, err = s.Read(r, buf[:0]); err != nil {
			d := s.damageOf(id, err)
			d.Checkpoint = id
			damage = append(damage, d)
		}
	})
	return damage
}
