package snapshot

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

var (
	// ErrFenced says that a newer generation has begun: this owner must stop.
	ErrFenced = errors.New("another generation owns the state directory")
	// ErrLocked says that another process, or another store of this one, has the directory open.
	ErrLocked = errors.New("another process has the state directory open; " +
		"stop it or name another directory")
	// ErrNotFound says that a checkpoint is not there.
	ErrNotFound = errors.New("no such checkpoint; List tells which there are")
	// ErrDamaged says that the directory holds checkpoints and none that can be restored.
	ErrDamaged = errors.New("no checkpoint can be restored; put back a copy of the directory, " +
		"or move it away to start anew")
	// ErrClosed says that the store has been closed.
	ErrClosed = errors.New("the snapshot store is closed")
)

// Config says where a store is and what it may use. Dir and Flow are required.
type Config struct {
	Dir    string // made if it is not there
	Flow   string // name of the flow whose state the directory holds
	Retain int    // how many checkpoints stay, besides savepoints; default 3
	// MemoryBytes bounds tables in memory and the mapping of the volume being written; default
	// 64 MiB.
	MemoryBytes int64
	Logger      *slog.Logger // default slog.Default()

	volumeBytes int64 // least size of a volume; tests make it small
}

func (c Config) withDefaults() Config {
	if c.Retain <= 0 {
		c.Retain = 3
	}
	if c.MemoryBytes <= 0 {
		c.MemoryBytes = 64 << 20
	}
	if c.volumeBytes == 0 {
		c.volumeBytes = minVolume
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// idGap is how far numbers jump when a volume that may hold higher ones cannot be read.
const idGap = 1 << 20

// Store holds the checkpoints of one flow in one directory. All methods may be called by any
// goroutine.
type Store struct {
	cfg      Config
	memtable int64
	lock     *os.File
	pack     *packer
	sequence atomic.Uint64

	collecting sync.Mutex // held by Collect; taken before root

	root  sync.Mutex // held while the catalogue changes
	write sync.Mutex // held while a volume is written; taken after root
	begun bool       // guarded by write, as are generation, nextID and closed
	// generation is what writers are compared with.
	generation Generation
	nextID     uint64
	closed     bool
	sealing    sync.WaitGroup // the volume that was active before

	mu        sync.Mutex // guards what follows; taken after write
	cat       *catalogue
	volumes   []*volume // oldest first
	active    *volume   // the one being written; changes under write too
	home      *volume   // the one with the latest catalogue
	index     map[segmentKey]place
	manifests map[uint64]*volume
	open      map[uint64][]segmentKey // segments of checkpoints not yet published
	pinned    []segmentKey            // of the manifest published last
	published bool                    // since the store was opened
	writing   struct {                // the latest checkpoint that has segments
		id    uint64
		bytes int64
	}
	lastBytes int64           // of the one before
	floor     uint64          // checkpoints up to this are published or given up
	broken    map[uint64]bool // retained checkpoints that lack segments
	uncounted map[uint64]bool // of these, the ones whose segments nothing holds
	damage    []Damage        // found when the store was opened
	lost      []uint64        // volumes that cannot be read
	doubt     bool            // what cannot be read may hold higher numbers
	stats     Stats
}

// place is where a segment is.
type place struct {
	volume *volume
	refs   int  // manifests, and the pin, that hold it
	bad    bool // it has been read and found damaged
}

// Open opens a state directory, or makes it. Volumes that a crash left behind are repaired; what
// cannot be read is reported by [Store.Latest]. It fails if the directory is locked, belongs to
// another flow or to other software.
func Open(cfg Config) (*Store, error) {
	s, err := open(cfg.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open state directory %s: %w", cfg.Dir, err)
	}
	return s, nil
}

func open(cfg Config) (*Store, error) {
	lock, err := claim(cfg.Dir, cfg.Flow)
	if err != nil {
		return nil, err
	}
	s := &Store{
		cfg: cfg, lock: lock, memtable: min(max(cfg.MemoryBytes/16, minMemtable), 8<<20),
		cat: &catalogue{}, index: map[segmentKey]place{}, manifests: map[uint64]*volume{},
		open: map[uint64][]segmentKey{},
	}
	if s.pack, err = newPacker(); err == nil {
		err = s.scan()
	}
	if err == nil {
		err = s.recount()
	}
	if err != nil {
		return nil, errors.Join(err, s.closeVolumes(), unlockFile(lock))
	}
	return s, nil
}

// Close releases the directory. Writers must have ended.
func (s *Store) Close() error {
	s.write.Lock()
	defer s.write.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.sealing.Wait()
	var err error
	if s.active != nil && !s.active.damaged.Load() {
		err = s.active.seal()
	}
	err = errors.Join(err, s.closeVolumes(), unlockFile(s.lock))
	s.pack.close()
	if err != nil {
		return fmt.Errorf("close state directory %s: %w", s.cfg.Dir, err)
	}
	return nil
}

func (s *Store) closeVolumes() (err error) {
	for _, v := range s.volumes {
		err = errors.Join(err, v.shut())
	}
	return err
}

// scan reads what every volume holds.
func (s *Store) scan() error {
	ids, err := volumeIDs(s.cfg.Dir)
	if err != nil {
		return err
	}
	for _, id := range ids {
		s.nextID = id
		v, torn, err := s.admit(id)
		if err == nil && v != nil {
			err = s.take(v)
		}
		if passing(err) {
			return err
		}
		if err != nil {
			s.damage = append(s.damage, Damage{Path: volumeDir(s.cfg.Dir, id), Err: err})
			s.lost = append(s.lost, id)
		}
		if torn != nil {
			s.damage = append(s.damage, Damage{Path: volumeDir(s.cfg.Dir, id), Err: torn})
		}
		s.doubt = s.doubt || err != nil || torn != nil
	}
	return nil
}

// passing reports whether an error says nothing about the state of the files. Badger keeps of
// such errors the text alone.
func passing(err error) bool {
	return err != nil && slices.ContainsFunc(passingErrors, func(e syscall.Errno) bool {
		return errors.Is(err, e) || strings.Contains(err.Error(), e.Error())
	})
}

var passingErrors = []syscall.Errno{
	syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EACCES, syscall.EPERM,
	syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM,
}

// admit makes a volume of the last run readable.
func (s *Store) admit(id uint64) (v *volume, torn, err error) {
	dir := volumeDir(s.cfg.Dir, id)
	v = &volume{dir: dir, log: s.cfg.Logger, memtable: s.memtable, sealed: true}
	if _, err := os.Stat(sealPath(dir)); errors.Is(err, os.ErrNotExist) {
		if v, err = recoverVolume(dir, s.memtable, s.cfg.Logger); v == nil {
			return nil, nil, err
		}
		if errors.Is(err, errTorn) {
			torn = err
		} else if err != nil {
			return nil, nil, err
		}
	}
	v.id, v.size = id, diskUse(dir)
	return v, torn, nil
}

// take adds a volume and what it holds to the index. The latest catalogue counts.
func (s *Store) take(v *volume) error {
	var cat bool
	if err := v.each(func(key []byte) { cat = s.see(v, key) || cat }); err != nil {
		return err
	}
	s.volumes = append(s.volumes, v)
	if !cat {
		return errors.New("it has no catalogue")
	}
	c, err := s.readCatalogue(v)
	if err == nil && c.sequence > s.cat.sequence {
		s.cat, s.home = c, v
	}
	return err
}

// see takes one key of a volume into the index and reports whether it is the catalogue.
func (s *Store) see(v *volume, key []byte) bool {
	if k, ok := parseSegmentKey(key); ok {
		s.index[k] = place{volume: v}
		v.maxCheckpoint = max(v.maxCheckpoint, k.checkpoint)
		v.entries++
	} else if id, ok := parseManifestKey(key); ok {
		s.manifests[id] = v
		v.entries++
	}
	return len(key) == 1 && key[0] == catalogueTag
}

// Stats is what a store holds and has done since it was opened.
type Stats struct {
	Generation   Generation
	Checkpoints  int   // savepoints included
	Segments     int   // that are stored, each once
	LiveBytes    int64 // of segments that some retained checkpoint reads
	DiskBytes    int64 // what the volumes occupy or have reserved
	Volumes      int
	WrittenBytes int64 // segments, before they were moved
	MovedBytes   int64 // segments that were copied to free the volume they were in
}

// Stats returns the figures of this moment.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Generation, st.Checkpoints = s.cat.generation, len(s.cat.entries)
	st.Segments, st.Volumes = len(s.index), len(s.volumes)
	for _, v := range s.volumes {
		st.LiveBytes += v.live
		st.DiskBytes += v.size
	}
	return st
}
