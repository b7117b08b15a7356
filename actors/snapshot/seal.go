package snapshot

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
)

// A sealed volume has a file SEAL that lists all its files, one a line, "name length checksum",
// and ends with the checksum of these lines. Badger is given the volume only if they match:
// tables and logs with other bytes make it panic in goroutines of its own, exit the process, or
// allocate what a wild length says. Value logs are held to their length alone, for their every
// segment and manifest has a checksum that is compared when it is read.
const sealName = "SEAL"

const sealTitle = "flyball volume 1\n"

func sealPath(dir string) string { return filepath.Join(dir, sealName) }

func writeSeal(dir string) error {
	lines, err := sealLines(dir)
	if err != nil {
		return err
	}
	return writeFile(sealPath(dir), withChecksum(lines))
}

// sealLines describes the files of a volume as they are now.
func sealLines(dir string) ([]byte, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(sealTitle)
	for _, e := range files {
		name := e.Name()
		if strings.HasPrefix(name, sealName) || strings.HasPrefix(name, walName) {
			continue
		}
		sum, size, err := fileSum(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s %d %08x\n", name, size, sum)
	}
	return b.Bytes(), nil
}

// fileSum is the checksum and length of a file. Of a value log it sums the header alone.
func fileSum(path string) (sum uint32, size int64, err error) {
	fi, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	if strings.HasSuffix(path, ".vlog") {
		h, err := readHead(path, logHeader)
		return crc32.Checksum(h, castagnoli), fi.Size(), err
	}
	b, err := os.ReadFile(path)
	return crc32.Checksum(b, castagnoli), fi.Size(), err
}

// checkSeal compares a sealed volume with its seal.
func checkSeal(dir string) error {
	b, err := os.ReadFile(sealPath(dir))
	if err != nil {
		return err
	}
	want, err := checksummed(b)
	if err != nil {
		return fmt.Errorf("%s: %w", sealName, err)
	}
	got, err := sealLines(dir)
	if err != nil {
		return err
	}
	if bytes.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("a file is missing, has changed or has been added since the volume was "+
		"sealed; it has\n%s%s says\n%s", got, sealName, want)
}

// withChecksum ends text with a line that holds its checksum.
func withChecksum(text []byte) []byte {
	return fmt.Appendf(text, "crc32c %08x\n", crc32.Checksum(text, castagnoli))
}

// checksummed returns the text without its last line, which must hold its checksum.
func checksummed(b []byte) ([]byte, error) {
	const tail = len("crc32c 00000000\n")
	if len(b) < tail {
		return nil, errChecksum
	}
	text := bytes.Clone(b[:len(b)-tail])
	if !bytes.Equal(withChecksum(text), b) {
		return nil, errChecksum
	}
	return b[:len(b)-tail], nil
}
