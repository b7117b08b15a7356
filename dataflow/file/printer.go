package file

import (
	"bufio"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

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
