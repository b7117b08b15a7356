package file

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// stored is an input that never has to be waited for.
type stored struct {
	r     io.Reader
	close []func() error
}

func (s *stored) read(ctx context.Context, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

func (s *stored) Close() (err error) {
	for _, c := range s.close {
		err = errors.Join(err, c())
	}
	return err
}

func packingOf(magic []byte) Compression {
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return Gzip
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return Zstd
	}
	return Plain
}

// maxWindow bounds the memory of a zstd stream, which its header asks for; it
// suffices for what zstd --long makes.
const maxWindow = 128 << 20

// unpacked reads the text of a packed stream. It owns c, which may be nil.
func unpacked(r io.Reader, packing Compression, c io.Closer) (input, error) {
	s := &stored{r: r}
	if c != nil {
		s.close = []func() error{c.Close}
	}
	switch packing {
	case Gzip:
		z, err := gzip.NewReader(r)
		if errors.Is(err, io.EOF) {
			s.r = bytes.NewReader(nil) // not even a header: an empty file
			return s, nil
		} else if err != nil {
			return nil, err
		}
		s.r = z
	case Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		s.r = z
		s.close = append(s.close, func() error { z.Close(); return nil })
	}
	return s, nil
}
