package snapshot

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// inline is the length below which Badger keeps a value in its table. Longer ones go to the value
// log once and are never moved. It must exceed the 20 bytes of Badger's end-of-transaction record.
const inline = 256

// tableBytes is half of what Badger allocates before it writes a volume's one table, which has as
// many bytes as the table needs.
const tableBytes = 256 << 10

// badgerOptions suit a database that takes one memtable and one value log file of segments and is
// then sealed: no compaction, no cache, no second memtable. Writes are made durable by DB.Sync,
// whose gap (it leaves out earlier memtables) cannot matter with one memtable. SyncWrites costs
// half the throughput and hides the error of a value log that could not be synced.
func badgerOptions(dir string, capacity, memtable int64, log *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(badgerLog{log, dir}).
		WithBypassLockGuard(true). // the directory above is locked
		WithSyncWrites(false).
		WithValueThreshold(inline).
		WithValueLogFileSize(capacity).
		WithMemTableSize(memtable).
		WithNumMemtables(1).
		WithBaseTableSize(tableBytes).
		WithNumCompactors(0).
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithMetricsEnabled(false).
		WithDetectConflicts(false).
		WithChecksumVerificationMode(options.OnTableAndBlockRead).
		WithNumVersionsToKeep(1)
}

// badgerLog passes what Badger says on. Its Info is noise to a user of Flyball.
type badgerLog struct {
	log *slog.Logger
	dir string
}

func (l badgerLog) say(level slog.Level, format string, args []any) {
	if !l.log.Enabled(context.Background(), level) {
		return
	}
	text := strings.TrimSpace(fmt.Sprintf(format, args...))
	l.log.Log(context.Background(), level, "badger: "+text, "dir", l.dir)
}

func (l badgerLog) Errorf(f string, args ...any)   { l.say(slog.LevelError, f, args) }
func (l badgerLog) Warningf(f string, args ...any) { l.say(slog.LevelWarn, f, args) }
func (l badgerLog) Infof(f string, args ...any)    { l.say(slog.LevelDebug, f, args) }
func (l badgerLog) Debugf(string, ...any)          {}

// guard turns a panic of Badger, or a fault on a mapped file that has shrunk or cannot be read,
// into an error.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("badger panicked: %v", r)
		}
	}()
	return f()
}
