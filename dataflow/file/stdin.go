package file

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
)

// A pump reads standard input beside the flow, because a read of it cannot be
// interrupted when the flow ends. It is one chunk ahead.
type pump struct {
	r      io.Reader
	chunks chan []byte
	err    error  // set before chunks is closed
	rest   []byte // of the last chunk
	head   []byte // the first bytes, for headers
}

func newPump(r io.Reader) *pump { return &pump{r: r} }

// maxHead bounds what is remembered of the start of standard input.
const maxHead = 64 << 10

// open continues where the last reader stopped; there is only one at a time.
func (p *pump) open(at position, c Compression) (*text, error) {
	if p.chunks == nil {
		p.chunks = make(chan []byte)
		go p.run()
	}
	t := &text{path: "standard input", at: at, to: math.MaxInt64}
	t.in = &piped{pump: p, packing: c}
	t.again = func() (input, error) { return &stored{r: bytes.NewReader(p.head)}, nil }
	return t, nil
}

func (p *pump) run() {
	defer close(p.chunks)
	for {
		buf := make([]byte, readBytes/2)
		n, err := p.r.Read(buf)
		if n > 0 {
			p.chunks <- buf[:n]
		}
		if err != nil {
			p.err = err
			return
		}
	}
}

func (p *pump) read(ctx context.Context, to []byte) (int, error) {
	for len(p.rest) == 0 {
		select {
		case chunk, ok := <-p.chunks:
			if !ok {
				return 0, p.err
			}
			p.rest = chunk
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	n := copy(to, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// piped is standard input, unpacked.
type piped struct {
	pump    *pump
	packing Compression
	ctx     context.Context // of the read that is going on, for the unpacker
	in      input
}

func (p *piped) Read(to []byte) (int, error) { return p.pump.read(p.ctx, to) }

func (p *piped) read(ctx context.Context, to []byte) (int, error) {
	p.ctx = ctx
	if p.in == nil {
		if err := p.unpack(); err != nil {
			return 0, err
		}
	}
	n, err := p.in.read(ctx, to)
	if room := maxHead - len(p.pump.head); room > 0 {
		p.pump.head = append(p.pump.head, to[:min(n, room)]...)
	}
	return n, err
}

// unpack finds out how the stream is packed.
func (p *piped) unpack() (err error) {
	var r io.Reader = p
	if p.packing == ByContent {
		magic := make([]byte, 4)
		n, err := io.ReadAtLeast(p, magic, 1)
		for err == nil && n < 4 && packingPossible(magic[:n]) {
			var more int
			more, err = p.Read(magic[n:])
			n += more
		}
		if err != nil && !errors.Is(err, io.EOF) {
			p.pump.rest = append(magic[:n:n], p.pump.rest...)
			return err
		}
		p.packing = packingOf(magic[:n])
		r = io.MultiReader(bytes.NewReader(magic[:n]), p)
	}
	p.in, err = unpacked(r, p.packing, nil)
	return err
}

// packingPossible reports whether more bytes could make magic that of a
// packed stream.
func packingPossible(magic []byte) bool {
	return bytes.HasPrefix([]byte{0x1f, 0x8b}, magic) ||
		bytes.HasPrefix([]byte{0x28, 0xb5, 0x2f, 0xfd}, magic)
}

func (p *piped) Close() error {
	if p.in == nil {
		return nil
	}
	return p.in.Close()
}
