package snapshot

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
)

// logEntry is an entry as Badger writes it into a log.
func logEntry(key, value []byte) []byte {
	key = append(key[:len(key):len(key)], make([]byte, 8)...) // the version
	b := []byte{0x40, 0}
	b = binary.AppendUvarint(b, uint64(len(key)))
	b = binary.AppendUvarint(b, uint64(len(value)))
	b = append(b, 0) // expires never
	b = append(append(b, key...), value...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// TestEntryFollows puts an entry behind unused space, at every distance from the end of the buffer
// that the search moves by, and breaks it.
func TestEntryFollows(t *testing.T) {
	const buffer, tail = 256 << 10, 8 << 10
	keys := map[string][]byte{
		"segment":   segmentKey{1, 2, 3, 300}.encode(),
		"manifest":  manifestKey(7),
		"catalogue": {catalogueTag},
	}
	for name, key := range keys {
		entry := logEntry(key, make([]byte, 300))
		for at := buffer - 40; at <= buffer+40; at++ {
			log := make([]byte, buffer+tail)
			copy(log[at:], entry)
			if !follows(t, log) {
				t.Errorf("%s at %d: got false, want true", name, at)
			}
			log[at+len(entry)-1] ^= 1
			if follows(t, log) {
				t.Errorf("broken %s at %d: got true, want false", name, at)
			}
		}
	}
	if follows(t, make([]byte, buffer+tail)) {
		t.Error("nothing but zeros: got true, want false")
	}
}

// follows reports whether an entry is found in a file behind its first byte.
func follows(t *testing.T, log []byte) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	return entryFollows(f, 1, int64(len(log)))
}
