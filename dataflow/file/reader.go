package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cespare/xxhash/v2"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// A Line is a line of a file, or of several where a quoted column goes on
// over line ends, that is not a record.
type Line struct {
	File   string
	Number int64 // the first is 1; counted from the last restart on standard input
	Offset int64 // of its first byte in the unpacked text
	Text   string
}

// reader reads one piece.
type reader[T, B any] struct {
	source  *source[T, B]
	text    *text
	decoder decoder[T]
	scanner scanner
	record  T
	titled  bool  // the decoder has its header, if it wants one
	again   bool  // the text begins anew after what is in the scanner
	before  int64 // lines before the piece, or -1 when not counted yet
}

// headBytes is the size of the first read where only a line is wanted.
const headBytes = 4 << 10

// begin moves to the first line of the piece and reads the header.
func (r *reader[T, B]) begin(ctx context.Context, resumed bool) error {
	if r.text.from > 0 {
		r.before = -1
	}
	r.titled = !r.decoder.wantsHeader()
	if r.text.from > 0 && !resumed {
		if err := r.scanner.skipLine(ctx); err != nil {
			return r.failed(err)
		}
	}
	if r.titled || r.scanner.pos == 0 {
		return nil
	}
	in, err := r.text.again()
	if err != nil {
		return fmt.Errorf("read the header of %q: %w", r.text.path, err)
	}
	defer in.Close()
	head := scanner{
		in: in, limit: r.scanner.limit, quoted: r.scanner.quoted, buf: make([]byte, headBytes),
	}
	for !r.titled {
		line, err := head.await(ctx)
		if err == nil {
			r.titled, err = r.decoder.header(line)
		}
		if err != nil {
			return fmt.Errorf("read the header of %q: %w", r.text.path, err)
		}
	}
	r.titled = r.scanner.pos >= head.pos // or else it is yet to come
	return nil
}

// Read appends records.
func (r *reader[T, B]) Read(ctx context.Context, b *operator.Records[B]) (err error) {
	before, size := len(b.Values), 0
	defer operator.Guard(&err, &before, b.Values)
	for !b.Full() && size < operator.BatchBytes {
		if r.scanner.pos >= r.text.to {
			return io.EOF
		}
		line, ok, err := r.scanner.next()
		switch {
		case err != nil:
			err = r.failed(err)
		case ok:
			err = r.take(line, b)
			size += len(line)
		case len(b.Values) > before:
			return nil
		default:
			err = r.more(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take appends the record in a line.
func (r *reader[T, B]) take(line []byte, b *operator.Records[B]) error {
	if !r.titled {
		ok, err := r.decoder.header(line)
		if err != nil {
			return r.refused(line, err)
		}
		r.titled = ok
		return nil
	}
	ok, err := r.decoder.decode(line, &r.record)
	switch {
	case err != nil && r.source.fails == nil:
		return r.refused(line, err)
	case err != nil:
		at, countErr := r.lineNumber()
		if countErr != nil {
			return r.failed(countErr)
		}
		r.source.fails(b, dataflow.Failure[Line]{
			Record: Line{r.text.path, at, r.scanner.last.pos, string(line)},
			Err:    r.refused(line, err).Error(),
		})
	case ok:
		if r.source.place != nil {
			r.source.place(&r.record, r.text.file, r.scanner.last.pos)
		}
		r.source.emit(b, &r.record)
	}
	return nil
}

// more waits for bytes, or ends.
func (r *reader[T, B]) more(ctx context.Context) error {
	if r.scanner.eof {
		if !r.again {
			return io.EOF
		}
		r.again = false
		r.scanner.restart()
		r.titled = !r.decoder.wantsHeader()
		return nil
	}
	err := r.scanner.fill(ctx)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, errRestart):
		r.scanner.eof, r.again = true, true
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return r.failed(err)
}

// failed is an error of the place at which the scanner is.
func (r *reader[T, B]) failed(err error) error {
	if errors.Is(err, errTooLong) {
		n, countErr := r.lineNumber()
		if countErr != nil {
			return countErr
		}
		return fmt.Errorf("read %q: line %d, byte %d: %w", r.text.path, n, r.scanner.last.pos, err)
	}
	return fmt.Errorf("read %q: at byte %d: %w", r.text.path, r.scanner.pos, err)
}

// maxQuote bounds how much of a line an error quotes, in bytes.
const maxQuote = 120

// refused is the error for a line that is not a record.
func (r *reader[T, B]) refused(line []byte, err error) error {
	n, countErr := r.lineNumber()
	if countErr != nil {
		return countErr
	}
	quote, cut := line, ""
	if len(quote) > maxQuote {
		quote, cut = quote[:maxQuote], "…"
	}
	return fmt.Errorf("read %q: line %d, byte %d: %q%s: %w", r.text.path, n,
		r.scanner.last.pos, quote, cut, err)
}

// lineNumber is the number, in the whole file, of the line taken last. Lines
// before the piece are counted only when an error wants to know.
func (r *reader[T, B]) lineNumber() (int64, error) {
	if r.before < 0 {
		n, err := r.countTo(r.scanner.last.pos)
		if err != nil {
			return 0, fmt.Errorf("read %q: count lines: %w", r.text.path, err)
		}
		r.before = n - r.scanner.last.line
	}
	return r.before + r.scanner.last.line + 1, nil
}

func (r *reader[T, B]) countTo(pos int64) (lines int64, err error) {
	in, err := r.text.again()
	if err != nil {
		return 0, err
	}
	defer in.Close()
	buf := make([]byte, readBytes)
	for pos > 0 {
		n, err := in.read(context.Background(), buf[:min(pos, readBytes)])
		lines += int64(bytes.Count(buf[:n], []byte{'\n'}))
		if pos -= int64(n); err != nil && pos > 0 {
			return 0, err
		}
	}
	return lines, nil
}

// Offset is the position after the last record.
func (r *reader[T, B]) Offset() []byte {
	p := r.text.at
	p.pos, p.line = r.scanner.pos, r.scanner.line
	if r.text.follow && p.pos != r.text.at.pos {
		end := r.scanner.buf[:r.scanner.start]
		end = end[max(0, len(end)-maxChecked):]
		p.checked, p.check = int64(len(end)), xxhash.Sum64(end)
	}
	r.text.at = p
	return p.append(nil)
}

// Close closes the file.
func (r *reader[T, B]) Close() error { return r.text.in.Close() }
