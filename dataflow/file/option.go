package file

import (
	"errors"
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
)

// Compression is how a file is packed.
type Compression int

// The ways to pack.
const (
	// ByContent unpacks what begins as a gzip or zstd file does.
	ByContent Compression = iota
	// Plain takes the bytes as they are.
	Plain
	// Gzip is what gzip(1) makes.
	Gzip
	// Zstd is what zstd(1) makes.
	Zstd
)

// suffix is the end of the names of files that are packed this way.
func (c Compression) suffix() string { return [...]string{"", "", ".gz", ".zst"}[c] }

// config is what options can set of a source.
type config struct {
	compression Compression
	splitBytes  int64
	maxLine     int
	maxTable    int64
	follow      bool
	settle      time.Duration
	csv         csvConfig
}

type csvConfig struct {
	comma    rune
	noHeader bool
	multi    bool
}

// Limits that options change.
const (
	defaultSplit  = 64 << 20
	defaultLine   = 1 << 20
	defaultTable  = 256 << 20
	defaultSettle = 10 * time.Second
)

func defaults() config {
	return config{
		splitBytes: defaultSplit, maxLine: defaultLine, maxTable: defaultTable,
		settle: defaultSettle, csv: csvConfig{comma: ','},
	}
}

// configured is a source of this package.
type configured interface{ configure() *config }

func option[T any](name string, set func(*config) error) dataflow.ReadOption[T] {
	return func(r *dataflow.Reading[T]) error {
		src, ok := r.Source.(configured)
		if !ok {
			return fmt.Errorf("option file.%s: the source is not one of package file", name)
		}
		if err := set(src.configure()); err != nil {
			return fmt.Errorf("option file.%s: %w", name, err)
		}
		return nil
	}
}

// Decompress says how the files are packed. Without it their first bytes
// decide.
func Decompress[T any](c Compression) dataflow.ReadOption[T] {
	return option[T]("Decompress", func(cfg *config) error {
		if c < ByContent || c > Zstd {
			return fmt.Errorf("no compression has the number %d", c)
		}
		cfg.compression = c
		return nil
	})
}

// Splits cuts plain files into pieces of about that many bytes, which
// different subtasks read; the default is 64 MiB. Packed files are never cut.
func Splits[T any](bytes int64) dataflow.ReadOption[T] {
	return option[T]("Splits", func(cfg *config) error {
		if bytes < 1 {
			return fmt.Errorf("%d bytes is not a size", bytes)
		}
		cfg.splitBytes = bytes
		return nil
	})
}

// MaxLine sets the length of the longest line, in bytes without its end; the
// default is 1 MiB. A longer one fails the flow.
func MaxLine[T any](bytes int) dataflow.ReadOption[T] {
	return option[T]("MaxLine", func(cfg *config) error {
		if bytes < 1 || bytes > 1<<30 {
			return fmt.Errorf("%d bytes is not between 1 and 1 GiB", bytes)
		}
		cfg.maxLine = bytes
		return nil
	})
}

// MaxTable sets how much text, in bytes and unpacked, [SideCSV] and [SideJSON]
// take for a table; the default is 256 MiB. More is an error. In memory a table
// takes about as much as its text, or a few times that if its rows are short,
// for each subtask.
func MaxTable[T any](bytes int64) dataflow.ReadOption[T] {
	return option[T]("MaxTable", func(cfg *config) error {
		if bytes < 1 {
			return fmt.Errorf("%d bytes is not a size", bytes)
		}
		cfg.maxTable = bytes
		return nil
	})
}

// Position tells every record where it comes from: set is called with each
// before its event time is taken, with the number of its file in the order of
// names, from 0, and the offset in bytes of its line in the unpacked text of the
// file. Both are the same in every run over the same files, whatever the splits
// and restarts, and grow in reading order; of standard input, the number is 0.
// Files that are followed have no numbers.
func Position[T any](set func(v *T, file int, offset int64)) dataflow.ReadOption[T] {
	return func(r *dataflow.Reading[T]) error {
		src, ok := r.Source.(interface {
			position(func(v *T, file int, offset int64))
		})
		if !ok {
			return fmt.Errorf("option file.Position: the source is not one of package file")
		}
		if set == nil {
			return fmt.Errorf("option file.Position: the function is nil")
		}
		src.position(set)
		return nil
	}
}

// Follow goes on reading as the files grow, as tail -F does, and reads files
// that appear. The source never ends. See the package comment for what it
// does when files are rotated.
func Follow[T any]() dataflow.ReadOption[T] {
	return option[T]("Follow", func(cfg *config) error { cfg.follow = true; return nil })
}

// Settle sets how long a file that was renamed away must have been silent
// before a source that follows lets go of it; the default is 10 seconds. What
// is written to the old file later than that is not read.
func Settle[T any](d time.Duration) dataflow.ReadOption[T] {
	return option[T]("Settle", func(cfg *config) error {
		if d < 0 {
			return fmt.Errorf("%v is negative", d)
		}
		cfg.settle = d
		return nil
	})
}

// Delimiter sets the character between the columns of CSV files; the default
// is a comma.
func Delimiter[T any](comma rune) dataflow.ReadOption[T] {
	return option[T]("Delimiter", func(cfg *config) error {
		if err := checkComma(comma); err != nil {
			return err
		}
		cfg.csv.comma = comma
		return nil
	})
}

// NoHeader says that the first line of CSV files is a record: columns are
// taken for the fields of the struct in order.
func NoHeader[T any]() dataflow.ReadOption[T] {
	return option[T]("NoHeader", func(cfg *config) error { cfg.csv.noHeader = true; return nil })
}

// MultiLine allows line ends within quoted CSV columns. Files are then not
// cut into splits, because where a record begins can only be known from the
// start.
func MultiLine[T any]() dataflow.ReadOption[T] {
	return option[T]("MultiLine", func(cfg *config) error { cfg.csv.multi = true; return nil })
}

func checkComma(comma rune) error {
	if comma == '"' || comma == '\r' || comma == '\n' || comma <= 0 || comma == '\ufffd' {
		return errors.New("the delimiter cannot be a quote, a line end or an invalid character")
	}
	return nil
}
