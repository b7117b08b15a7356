package snapshot

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

const (
	logHeader   = 20      // id of the encryption key, always 0 here, and a random part
	maxLogEntry = 5 << 28 // far above any entry of ours
)

// errTorn says that a log has bytes after its last whole entry.
var errTorn = errors.New("the log is damaged; what follows is lost")

// trimLog cuts a log that a crash has left (a memtable's .mem or a value log) after its last whole
// entry, so that Badger, which believes the lengths it finds, sees nothing else. It returns errTorn
// if a whole entry was cut too: what a crash leaves half-written is the end of a log, so bytes have
// changed before that entry. Entries are a header of two bytes and three varints (lengths of key
// and value, expiry), key, value, and the CRC-32C of all that.
func trimLog(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	fi, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	end, err := wholeEntries(bufio.NewReaderSize(f, 256<<10), fi.Size())
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	torn := entryFollows(f, end, fi.Size())
	err = errors.Join(f.Truncate(end), f.Sync(), f.Close())
	if err == nil && torn {
		err = fmt.Errorf("%s at byte %d: %w", path, end, errTorn)
	}
	return err
}

// wholeEntries is the offset after the last whole entry of a log.
func wholeEntries(r *bufio.Reader, size int64) (int64, error) {
	head := make([]byte, logHeader)
	if _, err := io.ReadFull(r, head); err != nil || binary.BigEndian.Uint64(head) != 0 {
		return 0, errors.New("the header of the log is damaged; restore the file from a copy")
	}
	end := int64(logHeader)
	for {
		n, ok := wholeEntry(r, size-end)
		if !ok {
			return end, nil
		}
		end += n
	}
}

// wholeEntry reads an entry and returns its length.
func wholeEntry(r *bufio.Reader, rest int64) (int64, bool) {
	head, _ := r.Peek(2 + 3*binary.MaxVarintLen64)
	n := 2
	var lens [3]uint64
	for i := range lens {
		v, k := binary.Uvarint(head[min(n, len(head)):])
		if k <= 0 {
			return 0, false
		}
		lens[i], n = v, n+k
	}
	if lens[0] == 0 || lens[0] > 1<<16 || lens[1] > maxLogEntry {
		return 0, false
	}
	body := int64(n) + int64(lens[0]+lens[1])
	if body+crc32.Size > rest {
		return 0, false
	}
	sum := crc32.New(castagnoli)
	if _, err := io.CopyN(sum, r, body); err != nil {
		return 0, false
	}
	var crc [crc32.Size]byte
	if _, err := io.ReadFull(r, crc[:]); err != nil {
		return 0, false
	}
	return body + crc32.Size, binary.BigEndian.Uint32(crc[:]) == sum.Sum32()
}

// entryHead is as many bytes of an entry as looksOurs needs.
const entryHead = 32

// entryFollows looks for a whole entry of ours between two offsets. Most of what it goes through is
// zeros, tens of megabytes of them, so it moves by the buffer and not by the byte.
func entryFollows(f *os.File, from, size int64) bool {
	r := bufio.NewReaderSize(io.NewSectionReader(f, from, size-from), 256<<10)
	for at := from; ; {
		b, _ := r.Peek(r.Size())
		if len(b) < entryHead {
			return false
		}
		n := len(b) - entryHead + 1
		for i := range n {
			if b[i+2] == 0 || !looksOurs(b[i:i+entryHead]) {
				continue
			}
			start := at + int64(i)
			rest := bufio.NewReader(io.NewSectionReader(f, start, size-start))
			if _, ok := wholeEntry(rest, size-start); ok {
				return true
			}
		}
		at += int64(n)
		if _, err := r.Discard(n); err != nil {
			return false
		}
	}
}

// looksOurs reports whether bytes may begin an entry with one of our keys, which Badger ends with
// a version of eight bytes.
func looksOurs(head []byte) bool {
	_, n := binary.Uvarint(head[3:13])
	if head[1] != 0 || n <= 0 || head[3+n] != 0 {
		return false
	}
	tag := head[4+n]
	switch head[2] {
	case 29 + 8:
		return tag == segmentTag
	case 9 + 8:
		return tag == manifestTag
	case 1 + 8:
		return tag == catalogueTag
	}
	return false
}

func readHead(path string, n int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	k, err := io.ReadFull(f, b)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil
	}
	return b[:k], errors.Join(err, f.Close())
}
