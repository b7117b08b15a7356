package file

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// A piece is a split: the lines of a file that begin in [From, To). It is
// kept as JSON in the split's payload.
type piece struct {
	Path string
	// Number is that of the file, from 1, in the order of names; 0 for files
	// that are followed, which have no fixed order.
	Number   int `json:",omitempty"`
	From, To int64
	Identity identity
	// Inode and First identify a file that is followed: its number in its
	// file system and the hash of its first record.
	Inode uint64 `json:",omitempty"`
	First uint64 `json:",omitempty"`
	// Packing is how the file is packed; ranges of packed files are whole.
	Packing Compression
}

// An identity tells a file that has grown from one that was replaced. It is
// made of content alone, so that files may be copied and restored.
type identity struct {
	Size       int64  // when the splits were listed
	Head, Tail uint64 // hashes of the first and last 4 KiB of the Size bytes
}

const sampleBytes = 4 << 10

// identify reads the identity of the first size bytes of f.
func identify(f io.ReaderAt, size int64) (identity, error) {
	n := min(size, sampleBytes)
	head, err := hashAt(f, 0, n)
	if err != nil {
		return identity{}, err
	}
	tail, err := hashAt(f, size-n, n)
	return identity{size, head, tail}, err
}

func hashAt(f io.ReaderAt, at, n int64) (uint64, error) {
	h := xxhash.New()
	if copied, err := io.Copy(h, io.NewSectionReader(f, at, n)); err != nil {
		return 0, err
	} else if copied < n {
		return 0, io.ErrUnexpectedEOF
	}
	return h.Sum64(), nil
}

// verify checks that f, which is at path, still begins with what the identity
// was made of.
func (want identity) verify(f *os.File, path string) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read %q: %w", path, err)
	}
	if info.Size() < want.Size {
		return fmt.Errorf("read %q: the file has shrunk from %d to %d bytes since its splits were "+
			"listed; restore it, or start the flow without its checkpoint",
			path, want.Size, info.Size())
	}
	got, err := identify(f, want.Size)
	if err != nil {
		return fmt.Errorf("read %q: %w", path, err)
	}
	if got != want {
		return fmt.Errorf("read %q: the file was replaced by another one since its splits were "+
			"listed; restore it, or start the flow without its checkpoint", path)
	}
	return nil
}

// split names the piece. The name does not depend on the file's size.
func (p piece) split() (operator.Split, error) {
	payload, err := json.Marshal(p)
	if err != nil {
		return operator.Split{}, fmt.Errorf("list %q: %w", p.Path, err)
	}
	id := fmt.Sprintf("%s#%d", p.Path, p.From)
	if p.First != 0 {
		id = fmt.Sprintf("%x-%016x", p.Inode, p.First)
	}
	return operator.Split{ID: id, Payload: payload}, nil
}

func parsePiece(s operator.Split) (p piece, err error) {
	if err := json.Unmarshal(s.Payload, &p); err != nil {
		return p, fmt.Errorf("open split %q: payload: %w", s.ID, err)
	}
	ok := p.From >= 0 && p.From <= p.To && p.Identity.Size >= 0 && p.Path != "" &&
		p.Number >= 0 && p.Packing >= ByContent && p.Packing <= Zstd
	if !ok {
		return p, fmt.Errorf("open split %q: the payload is corrupt", s.ID)
	}
	return p, nil
}

// resolve lists the regular files that a path stands for, by name: the file,
// all files below a directory that are not hidden, or the matches of a
// pattern.
func resolve(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return below(path)
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("read %q: not a regular file; pipe it into the flow and read \"-\"", path)
	case err == nil:
		return []string{path}, nil
	case !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(path, `*?[`):
		return nil, fmt.Errorf("read: %w", err)
	}
	matches, err := filepath.Glob(path)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	files := matches[:0]
	for _, m := range matches {
		if info, err := os.Stat(m); err == nil && info.Mode().IsRegular() {
			files = append(files, m)
		}
	}
	return files, nil
}

func below(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != dir:
			return nil // went away while we were looking
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && path != dir:
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return files, nil
}

// position is what an offset says.
type position struct {
	pos, line int64
	identity
	// check is the hash of the checked bytes before pos, in a file that is
	// followed.
	checked int64
	check   uint64
}

const offsetVersion = 1

func (p position) append(b []byte) []byte {
	b = append(b, offsetVersion)
	b = binary.AppendUvarint(b, uint64(p.pos))
	b = binary.AppendUvarint(b, uint64(p.line))
	b = binary.AppendUvarint(b, uint64(p.Size))
	b = binary.AppendUvarint(b, uint64(p.checked))
	b = binary.LittleEndian.AppendUint64(b, p.Head)
	b = binary.LittleEndian.AppendUint64(b, p.Tail)
	return binary.LittleEndian.AppendUint64(b, p.check)
}

func parsePosition(b []byte) (p position, err error) {
	if len(b) == 0 || b[0] != offsetVersion {
		return p, errors.New("offset is corrupt or of another version")
	}
	b = b[1:]
	for _, to := range []*int64{&p.pos, &p.line, &p.Size, &p.checked} {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > 1<<62 {
			return position{}, errors.New("offset is corrupt")
		}
		*to, b = int64(v), b[n:]
	}
	if len(b) != 24 || p.checked > min(p.pos, maxChecked) {
		return position{}, errors.New("offset is corrupt")
	}
	p.Head = binary.LittleEndian.Uint64(b)
	p.Tail = binary.LittleEndian.Uint64(b[8:])
	p.check = binary.LittleEndian.Uint64(b[16:])
	return p, nil
}
