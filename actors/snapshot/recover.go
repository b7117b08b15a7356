package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// firstMem is the log of the only memtable of a volume, firstLog its value log until it is opened
// for the second time.
const (
	firstMem = "00001.mem"
	firstLog = "000001.vlog"
)

// recoverVolume brings a volume that a crash left unsealed into the sealed state. It returns nil
// if the volume had not come into being, and errTorn beside the volume if something is missing.
//
// The log of the memtable is copied before Badger replays it, as it is before sealing: a crash
// after Badger has made a table of it would leave a table that nothing vouches for, and recovery
// begins again from the copy.
func recoverVolume(dir string, memtable int64, log *slog.Logger) (v *volume, err error) {
	if _, err := os.Stat(filepath.Join(dir, headName)); errors.Is(err, fs.ErrNotExist) {
		return nil, removeTree(dir)
	}
	if err := rewind(dir); err != nil {
		return nil, err
	}
	torn, err := trimLogs(dir)
	if err != nil {
		return nil, err
	}
	fi, err := os.Stat(filepath.Join(dir, firstMem))
	if err != nil {
		return nil, err
	}
	if err := copyWAL(dir, fi.Size()); err != nil {
		return nil, err
	}
	// The memtable may have been larger when it was written; an entry takes more room in it than
	// in the log, but not eight times as much.
	v = &volume{dir: dir, log: log, memtable: max(memtable, 8*fi.Size())}
	return v, errors.Join(torn, v.replay())
}

// replay lets Badger turn the log into a table, then seals.
func (v *volume) replay() (err error) {
	// The space that Badger needs and cannot do without.
	probe := filepath.Join(v.dir, "PROBE")
	if err := errors.Join(reserveFile(probe, 2*v.memtable+4<<20), os.Remove(probe)); err != nil {
		return err
	}
	if err := reserveFile(filepath.Join(v.dir, "DISCARD"), discardSize); err != nil {
		return err
	}
	if v.db, err = openBadger(badgerOptions(v.dir, 1<<20, v.memtable, v.log)); err != nil {
		return err
	}
	if err := v.close(); err != nil {
		return err
	}
	v.sealed = true
	return v.writeSealLocked()
}

// rewind undoes a sealing or a recovery that was cut off: the log of the memtable comes back and
// what may have been made of it goes.
func rewind(dir string) error {
	wal, err := os.ReadFile(filepath.Join(dir, walName))
	if errors.Is(err, fs.ErrNotExist) {
		return checkCrashed(dir)
	}
	if err != nil {
		return err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range files {
		ext := filepath.Ext(e.Name())
		if ext == ".sst" || ext == ".mem" || e.Name() == badger.ManifestFilename {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return writeFile(filepath.Join(dir, firstMem), wal)
}

func copyWAL(dir string, n int64) error {
	b, err := readHead(filepath.Join(dir, firstMem), int(n))
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, walName), b)
}

// checkCrashed refuses what a crash cannot leave and Badger would take for a new database.
func checkCrashed(dir string) error {
	for _, name := range []string{badger.ManifestFilename, firstMem} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%w; restore the file from a copy", err)
		}
	}
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err == nil && len(tables) > 0 {
		err = fmt.Errorf("not sealed, and yet it has %d tables; restore %s from a copy",
			len(tables), sealName)
	}
	return err
}

// isLaterLog reports whether a file is a value log that is not a volume's first.
func isLaterLog(name string) bool {
	return strings.HasSuffix(name, ".vlog") && name != firstLog
}

// trimLogs trims all logs of a volume. What is torn is reported apart from what cannot be read.
func trimLogs(dir string) (torn, err error) {
	// Badger has no encryption keys here, so its registry is a header of 28 bytes. It would
	// allocate what a longer one says.
	registry := filepath.Join(dir, badger.KeyRegistryFileName)
	fi, err := os.Stat(registry)
	if err != nil {
		return nil, err
	}
	if fi.Size() != 28 {
		return nil, fmt.Errorf("%s has %d bytes, want 28; restore it from a copy", registry, fi.Size())
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range files {
		if n := e.Name(); !strings.HasSuffix(n, ".mem") && !strings.HasSuffix(n, ".vlog") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if fi, err := e.Info(); err == nil && fi.Size() == 0 && isLaterLog(e.Name()) {
			// Badger makes a value log whenever it opens the volume, and it was killed at that.
			if err := os.Remove(path); err != nil {
				return nil, err
			}
			continue
		}
		err := trimLog(path)
		if errors.Is(err, errTorn) {
			torn = errors.Join(torn, err)
		} else if err != nil {
			return nil, err
		}
	}
	return torn, nil
}
