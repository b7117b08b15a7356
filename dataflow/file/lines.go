package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// An input is where the bytes of a split come from.
type input interface {
	// read is like [io.Reader]'s Read, but returns as soon as there is
	// anything, and returns ctx's error when ctx ends first.
	read(ctx context.Context, p []byte) (int, error)
	io.Closer
}

// errTooLong is wrapped by the error for a line above the limit.
var errTooLong = errors.New("line too long")

// A scanner cuts an input into lines.
type scanner struct {
	in     input
	limit  int  // bytes of the longest line
	quoted bool // newlines between double quotes do not end a line

	buf        []byte
	start, end int   // the unread bytes are buf[start:end]
	scanned    int   // up to here they hold no end of line
	open       bool  // an odd number of quotes is in buf[start:scanned]
	eof        bool  // the input has ended
	pos        int64 // of buf[start] in the text
	line       int64 // lines before pos, counted from where scanning began
	last       mark  // where the line that was taken last begins
}

// mark is a place in a text.
type mark struct{ pos, line int64 }

// readBytes is the size of a read: two full batches of text.
const readBytes = 128 << 10

var bom = []byte("\xef\xbb\xbf")

// next returns the next line without its end, if all of it is at hand. The
// bytes are valid until the next fill.
func (s *scanner) next() (line []byte, ok bool, err error) {
	for {
		i := bytes.IndexByte(s.buf[s.scanned:s.end], '\n')
		if i < 0 {
			break
		}
		s.scanTo(s.scanned + i + 1)
		if !s.open {
			return s.take()
		}
	}
	s.scanTo(s.end)
	switch {
	case s.eof && s.start < s.end:
		return s.take()
	case s.end-s.start > s.limit+len("\r\n"):
		return nil, false, s.tooLong()
	}
	return nil, false, nil
}

func (s *scanner) scanTo(at int) {
	if s.quoted && bytes.Count(s.buf[s.scanned:at], []byte{'"'})%2 == 1 {
		s.open = !s.open
	}
	s.scanned = at
}

// take consumes buf[start:scanned].
func (s *scanner) take() ([]byte, bool, error) {
	raw := s.buf[s.start:s.scanned]
	line := bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte{'\n'}), []byte{'\r'})
	if s.pos == 0 {
		line = bytes.TrimPrefix(line, bom)
	}
	if len(line) > s.limit {
		return nil, false, s.tooLong()
	}
	s.last = mark{s.pos, s.line}
	s.line++
	if s.quoted {
		s.line += int64(bytes.Count(line, []byte{'\n'}))
	}
	s.pos += int64(len(raw))
	s.start, s.open = s.scanned, false
	return line, true, nil
}

func (s *scanner) tooLong() error {
	s.last = mark{s.pos, s.line}
	hint := "raise the limit with file.MaxLine or check that the file is text"
	if s.open {
		hint = "a double quote may be left open, or raise the limit with file.MaxLine"
	}
	return fmt.Errorf("%w: more than %d bytes; %s", errTooLong, s.limit, hint)
}

// fill reads what is at hand, waiting for it if need be. At the end of the
// input it returns io.EOF once, after which a last line without an end can be
// had from next.
func (s *scanner) fill(ctx context.Context) error {
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= s.start
		s.scanned -= s.start
		s.start = 0
	}
	if s.end == len(s.buf) {
		grown := make([]byte, max(readBytes, 2*len(s.buf)))
		copy(grown, s.buf)
		s.buf = grown
	}
	n, err := s.in.read(ctx, s.buf[s.end:])
	s.end += n
	if errors.Is(err, io.EOF) {
		s.eof = true
	}
	return err
}

// await returns the next line, or io.EOF when there is none.
func (s *scanner) await(ctx context.Context) ([]byte, error) {
	for {
		line, ok, err := s.next()
		if ok || err != nil {
			return line, err
		}
		if s.eof {
			return nil, io.EOF
		}
		if err := s.fill(ctx); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
}

// restart begins anew at the start of a text.
func (s *scanner) restart() {
	s.start, s.end, s.scanned, s.open, s.eof = 0, 0, 0, false, false
	s.pos, s.line = 0, 0
}

// skipLine passes over the rest of a line that began before the input did.
func (s *scanner) skipLine(ctx context.Context) error {
	for {
		if i := bytes.IndexByte(s.buf[s.start:s.end], '\n'); i >= 0 {
			s.pos += int64(i + 1)
			s.start += i + 1
			s.scanned = s.start
			return nil
		}
		s.pos += int64(s.end - s.start)
		s.start, s.scanned = s.end, s.end
		if s.eof {
			return nil
		}
		if err := s.fill(ctx); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
}
