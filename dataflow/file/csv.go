package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// rows splits CSV records into columns. Records without quotes, nearly all in
// practice, are cut at the delimiters; the others go through encoding/csv.
type rows struct {
	comma  rune
	multi  bool
	feed   bytes.Reader
	quoted *csv.Reader // reads feed
	text   []byte
	fields [][]byte
}

// errEmpty says that a line is empty, which is not a record.
var errEmpty = errors.New("empty line")

// split returns the columns of a record, valid until the next call.
func (r *rows) split(line []byte) ([][]byte, error) {
	if len(line) == 0 {
		return nil, errEmpty
	}
	if bytes.IndexByte(line, '"') >= 0 || r.comma >= utf8.RuneSelf {
		return r.splitQuoted(line)
	}
	r.fields = r.fields[:0]
	comma := byte(r.comma)
	for {
		i := bytes.IndexByte(line, comma)
		if i < 0 {
			r.fields = append(r.fields, line)
			return r.fields, nil
		}
		r.fields = append(r.fields, line[:i])
		line = line[i+1:]
	}
}

func (r *rows) splitQuoted(line []byte) ([][]byte, error) {
	if r.quoted == nil {
		r.quoted = csv.NewReader(&r.feed)
		r.quoted.Comma, r.quoted.FieldsPerRecord, r.quoted.ReuseRecord = r.comma, -1, true
	}
	// With this line end, a carriage return that ends the line stays a part of
	// it, as it is when the line stands in a file.
	r.text = append(append(r.text[:0], line...), "\r\n"...)
	r.feed.Reset(r.text)
	record, err := r.quoted.Read()
	if err != nil || r.feed.Len() > 0 {
		r.quoted = nil
	}
	switch {
	case errors.Is(err, csv.ErrQuote) && !r.multi:
		return nil, errors.New("a quoted column is not closed properly; if columns may hold line " +
			"ends, read with file.MultiLine")
	case errors.Is(err, io.EOF):
		return nil, errEmpty
	case err != nil:
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			err = fmt.Errorf("column at byte %d: %w", syntax.Column, syntax.Err)
		}
		return nil, err
	}
	r.fields, r.text = r.fields[:0], slices.Grow(r.text[:0], len(line))
	for _, f := range record { // in all no longer than the line
		at := len(r.text)
		r.text = append(r.text, f...)
		r.fields = append(r.fields, r.text[at:])
	}
	return r.fields, nil
}

// csvDecoder sets the fields of a struct from columns.
type csvDecoder[T any] struct {
	rows    rows
	columns []column
	named   bool // the first line names the columns
	record  T
	cells   []cell // by column of the file; cells without set are skipped
}

func newCSV[T any](columns []column) func(*config) decoder[T] {
	return func(c *config) decoder[T] {
		d := &csvDecoder[T]{
			rows: rows{comma: c.csv.comma, multi: c.csv.multi}, columns: columns,
			named: !c.csv.noHeader,
		}
		if !d.named {
			for i := range columns {
				d.cells = append(d.cells, d.cell(&columns[i]))
			}
		}
		return d
	}
}

func (d *csvDecoder[T]) wantsHeader() bool { return d.named }

// header binds the file's columns to fields.
func (d *csvDecoder[T]) header(line []byte) (bool, error) {
	names, err := d.rows.split(line)
	if errors.Is(err, errEmpty) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("header: %w", err)
	}
	d.cells = make([]cell, len(names))
	var missing []string
	for i := range d.columns {
		c := &d.columns[i]
		at := indexOf(names, c.name)
		switch {
		case at >= 0 && d.cells[at].set != nil:
			return false, fmt.Errorf("column %q of the header is for two fields, %s and %s; tell "+
				"them apart with csv tags", c.name, d.cells[at].column.path, c.path)
		case at >= 0:
			d.cells[at] = d.cell(c)
		case !c.optional:
			missing = append(missing, c.name)
		}
	}
	if len(missing) > 0 {
		return false, fmt.Errorf("the header has no column %s; rename the fields with csv tags, "+
			"mark them optional, or read with file.NoHeader", strings.Join(missing, ", "))
	}
	return true, nil
}

// indexOf returns the index of the column with a name, be it in another case.
func indexOf(names [][]byte, name string) int {
	folded := -1
	for i, n := range names {
		if string(n) == name {
			return i
		}
		if folded < 0 && strings.EqualFold(string(n), name) {
			folded = i
		}
	}
	return folded
}

func (d *csvDecoder[T]) decode(line []byte, v *T) (bool, error) {
	fields, err := d.rows.split(line)
	if errors.Is(err, errEmpty) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if len(fields) != len(d.cells) {
		return false, fmt.Errorf("%d columns, want %d", len(fields), len(d.cells))
	}
	var zero T
	d.record = zero
	for i := range d.cells {
		c := &d.cells[i]
		if c.set == nil || len(fields[i]) == 0 && c.column.optional {
			continue
		}
		if err := c.set(fields[i]); err != nil {
			return false, fmt.Errorf("column %q: %w", c.column.name, err)
		}
	}
	*v = d.record
	return true, nil
}
