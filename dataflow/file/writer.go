package file

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// writeBytes is the size of a writer's buffer.
const writeBytes = 64 << 10

// writer is one subtask's end of a sink.
type writer[T any] struct {
	sink  *sink[T]
	place operator.Place
	count uint64          // of transactions
	open  *transaction[T] // nil until something is written to it
}

// Write appends the records to the current file.
func (w *writer[T]) Write(b *operator.Records[T]) error {
	if b.Len() == 0 {
		return nil
	}
	if w.open == nil {
		w.count++
		t, err := begin(w.sink, w.place, w.count)
		if err != nil {
			return err
		}
		w.open = t
	}
	return w.open.write(b.Values)
}

// Prepare closes the current file to further records.
func (w *writer[T]) Prepare(checkpoint uint64) (operator.Prepared, error) {
	t := w.open
	if t == nil {
		return nil, nil
	}
	w.open = nil
	t.final = w.sink.finalName(w.place, checkpoint)
	return t, nil
}

// Close discards what was not prepared.
func (w *writer[T]) Close() error {
	t := w.open
	if t == nil {
		return nil
	}
	w.open = nil
	err := errors.Join(t.f.Close(), os.Remove(t.path()))
	return w.sink.wrap("discard", t.path(), err)
}

// A transaction is a file that is not yet visible: records go through the
// encoder, the buffer, the packer and the checksum to the file.
type transaction[T any] struct {
	sink           *sink[T]
	pending, final string
	f              *os.File
	sum            hash.Hash32
	size           int64
	packer         io.Closer // nil for plain files
	buf            *bufio.Writer
	enc            encoder[T]
}

func begin[T any](s *sink[T], p operator.Place, n uint64) (*transaction[T], error) {
	t := &transaction[T]{sink: s, pending: s.pendingName(p, n), sum: crc32.New(castagnoli)}
	var err error
	if t.f, err = os.OpenFile(t.path(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
		return nil, s.failed("create", t.path(), err)
	}
	out, err := t.packed(s.cfg.packing)
	if err == nil {
		t.buf = bufio.NewWriterSize(out, writeBytes)
		t.enc = s.new(t.buf)
		err = t.enc.header()
	}
	if err != nil {
		return nil, errors.Join(s.failed("write", t.path(), err), t.f.Close())
	}
	return t, nil
}

func (t *transaction[T]) path() string { return filepath.Join(t.sink.dir, t.pending) }

// packed is the way from the buffer to the file.
func (t *transaction[T]) packed(c Compression) (io.Writer, error) {
	switch c {
	case Gzip:
		z := gzip.NewWriter((*counted[T])(t))
		t.packer = z
		return z, nil
	case Zstd:
		z, err := zstd.NewWriter((*counted[T])(t), zstd.WithEncoderConcurrency(1),
			zstd.WithLowerEncoderMem(true))
		t.packer = z
		return z, err
	}
	return (*counted[T])(t), nil
}

// counted is the transaction as a writer of the file's bytes.
type counted[T any] transaction[T]

func (c *counted[T]) Write(b []byte) (int, error) {
	n, err := c.f.Write(b)
	c.sum.Write(b[:n])
	c.size += int64(n)
	return n, err
}

func (t *transaction[T]) write(values []T) (err error) {
	i := 0
	defer operator.Guard(&err, &i, values)
	for ; i < len(values); i++ {
		if err := t.enc.encode(&values[i]); err != nil {
			return fmt.Errorf("%w, at record %s", t.sink.failed("write", t.path(), err),
				operator.Describe(values[i]))
		}
	}
	return nil
}

// Persist makes the file durable.
func (t *transaction[T]) Persist() ([]byte, error) {
	err := t.finish()
	if err = errors.Join(err, t.f.Close()); err != nil {
		return nil, t.sink.failed("write", t.path(), err)
	}
	if err := t.sink.sync("write"); err != nil {
		return nil, err
	}
	return json.Marshal(token{t.pending, t.final, t.size, t.sum.Sum32()})
}

func (t *transaction[T]) finish() error {
	if err := t.buf.Flush(); err != nil {
		return err
	}
	if t.packer != nil {
		if err := t.packer.Close(); err != nil {
			return err
		}
	}
	return t.f.Sync()
}

// printer writes to standard output, whole lines at a time.
type printer[T any] struct {
	sink *sink[T]
	buf  *bufio.Writer
	enc  encoder[T]
	text lines
}

// lines collects text until it is printed.
type lines []byte

func (l *lines) Write(b []byte) (int, error) {
	*l = append(*l, b...)
	return len(b), nil
}

func newPrinter[T any](s *sink[T]) *printer[T] {
	p := &printer[T]{sink: s}
	p.buf = bufio.NewWriter(&p.text)
	p.enc = s.new(p.buf)
	return p
}

// Write prints the records.
func (p *printer[T]) Write(b *operator.Records[T]) (err error) {
	i := 0
	defer operator.Guard(&err, &i, b.Values)
	for ; i < b.Len(); i++ {
		if err := p.enc.encode(&b.Values[i]); err != nil {
			return fmt.Errorf("%w, at record %s", p.sink.failed("write", "standard output", err),
				operator.Describe(b.Values[i]))
		}
		if len(p.text) >= writeBytes {
			if err := p.print(); err != nil {
				return err
			}
		}
	}
	return p.print()
}

func (p *printer[T]) print() error {
	if err := p.buf.Flush(); err != nil {
		return err
	}
	_, err := p.sink.stdout.Write(p.text)
	p.text = p.text[:0]
	return p.sink.wrap("write", "standard output", err)
}

// Prepare has nothing to close.
func (p *printer[T]) Prepare(uint64) (operator.Prepared, error) { return nil, nil }

// Close has nothing to discard.
func (p *printer[T]) Close() error { return nil }
