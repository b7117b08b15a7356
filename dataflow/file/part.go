package file

import (
	"bufio"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// writeBytes is the size of a part's buffer.
const writeBytes = 64 << 10

// A part is a file that is not yet visible: records go through the encoder,
// the buffer, the packer and the checksum to the file. It may be closed and
// opened again; a packed one then consists of several members.
type part[T any] struct {
	sink    *sink[T]
	dir     string // that it will be in, below the sink's
	pending string
	f       *os.File // nil while it is closed
	sum     hash.Hash32
	size    int64
	packer  io.Closer // nil for plain files
	buf     *bufio.Writer
	enc     encoder[T]
	begun   bool
	turn    uint64 // at which it was last turned to
}

func newPart[T any](s *sink[T], dir, pending string) *part[T] {
	return &part[T]{sink: s, dir: dir, pending: pending, sum: crc32.New(castagnoli)}
}

func (p *part[T]) path() string { return filepath.Join(p.sink.dir, p.pending) }

// open makes the file, or opens it again. buf is taken over if there is one.
func (p *part[T]) open(buf *bufio.Writer) (err error) {
	flags := os.O_WRONLY | os.O_APPEND
	if !p.begun {
		flags |= os.O_CREATE | os.O_EXCL
	}
	if p.f, err = os.OpenFile(p.path(), flags, 0o666); err != nil {
		return p.sink.failed("create", p.path(), err)
	}
	out, err := p.packed(p.sink.cfg.packing)
	if err != nil {
		return p.sink.failed("write", p.path(), err)
	}
	if p.buf = buf; buf == nil {
		p.buf = bufio.NewWriterSize(out, writeBytes)
	}
	p.buf.Reset(out)
	p.enc = p.sink.new(p.buf)
	if !p.begun {
		err = p.enc.header()
	}
	p.begun = true
	return p.sink.wrap("write", p.path(), err)
}

// packed is the way from the buffer to the file.
func (p *part[T]) packed(c Compression) (io.Writer, error) {
	switch c {
	case Gzip:
		z := gzip.NewWriter((*counted[T])(p))
		p.packer = z
		return z, nil
	case Zstd:
		z, err := zstd.NewWriter((*counted[T])(p), zstd.WithEncoderConcurrency(1),
			zstd.WithLowerEncoderMem(true))
		p.packer = z
		return z, err
	}
	return (*counted[T])(p), nil
}

// counted is the part as a writer of the file's bytes.
type counted[T any] part[T]

func (c *counted[T]) Write(b []byte) (int, error) {
	n, err := c.f.Write(b)
	c.sum.Write(b[:n])
	c.size += int64(n)
	return n, err
}

func (p *part[T]) write(v *T) error {
	if err := p.enc.encode(v); err != nil {
		return p.sink.failed("write", p.path(), err)
	}
	return nil
}

// flush brings what was written into the file.
func (p *part[T]) flush() error {
	if err := p.buf.Flush(); err != nil {
		return err
	}
	if p.packer != nil {
		return p.packer.Close()
	}
	return nil
}

// close closes the file until more is to be written, and gives the buffer away.
func (p *part[T]) close() (*bufio.Writer, error) {
	err := p.flush()
	err = errors.Join(err, p.f.Close())
	buf := p.buf
	p.f, p.packer, p.buf, p.enc = nil, nil, nil, nil
	return buf, p.sink.wrap("write", p.path(), err)
}

// persist makes the file durable and closes it for good.
func (p *part[T]) persist() (err error) {
	if p.f != nil {
		err = p.flush()
	} else if p.f, err = os.OpenFile(p.path(), os.O_WRONLY, 0); err != nil {
		return p.sink.failed("write", p.path(), err)
	}
	if err == nil {
		err = p.f.Sync()
	}
	err = errors.Join(err, p.f.Close())
	p.f, p.packer, p.buf, p.enc = nil, nil, nil, nil
	return p.sink.wrap("write", p.path(), err)
}

// abandon closes the file as it is.
func (p *part[T]) abandon() error {
	if p.f == nil {
		return nil
	}
	return p.sink.wrap("close", p.path(), p.f.Close())
}

// discard removes the file.
func (p *part[T]) discard() error {
	err := p.abandon()
	if p.begun {
		err = errors.Join(err, p.sink.wrap("discard", p.path(), os.Remove(p.path())))
	}
	return err
}
