package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

const (
	volumePrefix = "volume-"
	goneSuffix   = ".gone"
	headName     = "HEAD"    // the volume has been made completely
	walName      = "WAL"     // what was in the memtable when sealing began
	ballastName  = "BALLAST" // space for what sealing writes
	discardSize  = 1 << 20   // of the file DISCARD, which Badger exits the process without
	spillBytes   = 32 << 20  // that are written before they are synced, if nobody asks for it earlier
	entryRoom    = 64        // more than an entry takes in a log besides key and value
	nodeRoom     = 256       // more than an entry takes in the memtable besides key and inline value
)

var errSealed = errors.New("the volume is sealed")

// volume is one Badger database of limited size. It is written by one process, sealed, and in the
// end removed as a whole. The methods that write are called by one goroutine at a time.
type volume struct {
	id       uint64
	dir      string
	log      *slog.Logger
	memtable int64 // size of the memtable, bytes

	capacity, used int64 // of the value log, bytes
	memUsed        int64
	damaged        atomic.Bool // a write has failed: read only, and never closed

	syncing          sync.Mutex
	commits          uint64 // guarded by syncing, as are the next three
	synced           uint64
	written, durable int64 // of the value log, bytes
	syncErr          error // of a failed sync: what it has dropped a later one does not bring back

	rw     sync.RWMutex // held for reading while db is in use
	db     *badger.DB   // nil if closed
	sealed bool
	gone   bool // not to be opened again

	// Guarded by the store's mutex.
	live          int64  // bytes of referenced segments
	entries       int    // records in it, live or not
	manifests     int    // retained manifests in it
	maxCheckpoint uint64 // of its segments
	size          int64  // on disk, bytes
	closing       bool   // being sealed
	stuck         bool   // cannot be read in full, so its segments cannot be moved
}

// record is one entry of a volume.
type record struct{ key, value []byte }

func (r record) logBytes() int64 { return int64(len(r.key)+len(r.value)) + entryRoom }

func (r record) memBytes() int64 { return int64(len(r.key)+min(len(r.value), inline)) + nodeRoom }

// createVolume makes an empty volume with all the disk space that it can need reserved.
func createVolume(dir string, capacity, memtable int64, log *slog.Logger) (v *volume, err error) {
	v = &volume{dir: dir, log: log, capacity: capacity, memtable: memtable, used: logHeader}
	v.size = capacity + 3*memtable
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err := v.probe(); err != nil {
		return nil, err
	}
	if v.db, err = openBadger(badgerOptions(dir, capacity, memtable, log)); err != nil {
		return nil, err
	}
	if err = v.settle(); err != nil {
		return nil, errors.Join(err, v.close())
	}
	return v, nil
}

// probe finds out whether the disk has room, before Badger is in a position to suffer.
func (v *volume) probe() error {
	probe := filepath.Join(v.dir, "PROBE")
	err := reserveFile(probe, v.capacity+4*v.memtable)
	if err := errors.Join(err, os.Remove(probe)); err != nil {
		return err
	}
	return errors.Join(
		reserveFile(filepath.Join(v.dir, "DISCARD"), discardSize),
		reserveFile(filepath.Join(v.dir, ballastName), v.memtable))
}

// settle reserves space for the logs that Badger has made.
func (v *volume) settle() error {
	for pattern, n := range map[string]int64{"*.vlog": v.capacity, "*.mem": 2 * v.memtable} {
		files, err := filepath.Glob(filepath.Join(v.dir, pattern))
		if err == nil && len(files) != 1 {
			err = fmt.Errorf("badger made %d files %s", len(files), pattern)
		}
		if err != nil {
			return err
		}
		if err := reserveFile(files[0], n); err != nil {
			return err
		}
	}
	return nil
}

// install writes the first record and makes the volume and its name durable.
func (v *volume) install(root record) error {
	n, err := v.commit([]record{root})
	if err != nil {
		return err
	}
	if err := v.sync(n); err != nil {
		return err
	}
	head, err := os.OpenFile(filepath.Join(v.dir, headName), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(head.Close(), syncDir(v.dir), syncDir(filepath.Dir(v.dir)))
}

func openBadger(o badger.Options) (db *badger.DB, err error) {
	err = guard(func() error {
		db, err = badger.Open(o)
		return err
	})
	return db, err
}

// fits reports whether records fit into what was reserved.
func (v *volume) fits(recs []record) bool {
	n, mem := v.used+entryRoom, v.memUsed+nodeRoom // the end of the transaction
	for _, r := range recs {
		n, mem = n+r.logBytes(), mem+r.memBytes()
	}
	return n <= v.capacity && mem <= v.memtable*3/4
}

// commit writes records at once: after a crash all of them are there or none. It returns the
// position to give to sync.
func (v *volume) commit(recs []record) (position uint64, err error) {
	if v.damaged.Load() {
		return 0, errSealed
	}
	err = guard(func() error {
		txn := v.db.NewTransaction(true)
		defer txn.Discard()
		for _, r := range recs {
			if err := txn.Set(r.key, r.value); err != nil {
				return err
			}
		}
		return txn.Commit()
	})
	if err != nil {
		v.damaged.Store(true)
		return 0, err
	}
	for _, r := range recs {
		v.used, v.memUsed = v.used+r.logBytes(), v.memUsed+r.memBytes()
	}
	v.used, v.memUsed = v.used+entryRoom, v.memUsed+nodeRoom
	v.syncing.Lock()
	defer v.syncing.Unlock()
	v.commits++
	v.written = v.used
	return v.commits, nil
}

// spill syncs when there is much to sync.
func (v *volume) spill() error {
	v.syncing.Lock()
	defer v.syncing.Unlock()
	if v.written-v.durable < spillBytes {
		return nil
	}
	return v.syncLocked()
}

// sync returns when everything up to a position is durable. Callers that wait while another one
// syncs share the next.
func (v *volume) sync(position uint64) error {
	v.syncing.Lock()
	defer v.syncing.Unlock()
	if v.synced >= position {
		return nil
	}
	return v.syncLocked()
}

func (v *volume) syncLocked() error {
	if v.syncErr != nil {
		return v.syncErr
	}
	upto := v.commits
	v.release()
	if err := guard(v.db.Sync); err != nil {
		v.damaged.Store(true)
		v.syncErr = fmt.Errorf("sync %s: %w", v.dir, err)
		return v.syncErr
	}
	v.synced, v.durable = upto, v.written
	// What is read ahead beyond is about to be written.
	uncache(filepath.Join(v.dir, firstLog), v.durable)
	return nil
}

// release makes a sync cheaper that is about to happen.
func (v *volume) release() {
	v.rw.RLock()
	defer v.rw.RUnlock()
	if v.db != nil {
		release(filepath.Join(v.dir, firstLog))
	}
}

// seal ends writing: everything is durable, Badger's state is one table and value logs, and the
// seal says what it looks like. The volume stays readable.
func (v *volume) seal() error {
	v.syncing.Lock()
	defer v.syncing.Unlock()
	if err := v.syncLocked(); err != nil {
		return err
	}
	if err := v.saveWAL(); err != nil {
		return err
	}
	v.rw.Lock()
	defer v.rw.Unlock()
	if err := v.closeLocked(); err != nil {
		return err
	}
	if err := v.writeSealLocked(); err != nil {
		return err
	}
	v.sealed = true
	return nil
}

// saveWAL copies the memtable's log and frees the ballast.
func (v *volume) saveWAL() error {
	if err := removeIfThere(filepath.Join(v.dir, ballastName)); err != nil {
		return err
	}
	return copyWAL(v.dir, min(v.memUsed+4096, 2*v.memtable))
}

// writeSealLocked expects the database to be closed. The copy of the log goes last: until the seal
// is there, it is what recovery begins with.
func (v *volume) writeSealLocked() error {
	for _, name := range []string{"DISCARD", ballastName} {
		if err := removeIfThere(filepath.Join(v.dir, name)); err != nil {
			return err
		}
	}
	if err := writeSeal(v.dir); err != nil {
		return err
	}
	return removeIfThere(filepath.Join(v.dir, walName))
}

func (v *volume) close() error {
	v.rw.Lock()
	defer v.rw.Unlock()
	return v.closeLocked()
}

// shut closes a volume for good.
func (v *volume) shut() error {
	v.rw.Lock()
	defer v.rw.Unlock()
	v.gone = true
	return v.closeLocked()
}

func (v *volume) closeLocked() error {
	if v.db == nil || v.damaged.Load() {
		return nil // Badger may wait for ever when it closes what it cannot write
	}
	db := v.db
	v.db = nil
	return guard(db.Close)
}

// remove deletes a volume that nobody reads any more.
func (v *volume) remove() error {
	v.rw.Lock()
	defer v.rw.Unlock()
	if v.gone {
		return nil
	}
	if err := v.closeLocked(); err != nil {
		v.log.Warn("close volume before its removal", "dir", v.dir, "err", err)
	}
	if err := removeTree(v.dir); err != nil {
		return err
	}
	v.gone = true
	return nil
}

// view gives f a transaction on the volume and opens it if need be.
func (v *volume) view(f func(*badger.Txn) error) error {
	v.rw.RLock()
	if v.db == nil {
		v.rw.RUnlock()
		if err := v.open(); err != nil {
			return err
		}
		v.rw.RLock()
	}
	defer v.rw.RUnlock()
	if v.db == nil {
		return fs.ErrClosed
	}
	return guard(func() error { return v.db.View(f) })
}

// open opens a sealed volume for reading.
func (v *volume) open() error {
	v.rw.Lock()
	defer v.rw.Unlock()
	if v.db != nil || v.gone {
		return nil
	}
	if err := checkSeal(v.dir); err != nil {
		return err
	}
	db, err := openBadger(badgerOptions(v.dir, 1<<20, v.memtable, v.log).WithReadOnly(true))
	v.db = db
	return err
}

// idle closes a sealed volume until it is read again.
func (v *volume) idle() error {
	v.rw.Lock()
	defer v.rw.Unlock()
	if !v.sealed {
		return nil
	}
	return v.closeLocked()
}

// get appends the value of a key to buf.
func (v *volume) get(key, buf []byte) ([]byte, error) {
	err := v.view(func(txn *badger.Txn) error {
		item, err := txn.Get(key)
		if err != nil {
			return err
		}
		return item.Value(func(b []byte) error {
			buf = append(buf, b...)
			return nil
		})
	})
	return buf, err
}

// each calls f with every key.
func (v *volume) each(f func(key []byte)) error {
	return v.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			f(it.Item().Key())
		}
		return nil
	})
}
