package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// dayLength is the length of the date that a record starts with: 2001-01-31.
const dayLength = len("2001-01-31")

func main() {
	in := flag.String("in", "", "gzipped CSV `file` to cut from")
	out := flag.String("out", "", "gzipped CSV `file` to write")
	rows := flag.Int("rows", 200_000, "take whole days until this many `records`")
	flag.Parse()
	if err := run(*in, *out, *rows); err != nil {
		fmt.Fprintln(os.Stderr, "sample:", err)
		os.Exit(1)
	}
}

// run cuts the file in to out by way of a temporary file beside out.
func run(in, out string, rows int) (err error) {
	if in == "" || out == "" {
		return errors.New("need -in and -out")
	}
	src, err := os.Open(in)
	if err != nil {
		return err
	}
	defer src.Close()
	tmp, err := os.CreateTemp(filepath.Dir(out), ".sample-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails, as it should, once the file has been renamed
	err = errors.Join(recompress(tmp, src, rows), tmp.Chmod(0o644), tmp.Close())
	if err != nil {
		return fmt.Errorf("cut %s: %w", in, err)
	}
	return os.Rename(tmp.Name(), out)
}

// recompress cuts the gzipped src into the gzipped dst, whose header names neither time nor file.
func recompress(dst io.Writer, src io.Reader, rows int) error {
	plain, err := gzip.NewReader(src)
	if err != nil {
		return err
	}
	packed, err := gzip.NewWriterLevel(dst, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := cut(packed, plain, rows); err != nil {
		return err
	}
	return packed.Close()
}

// cut copies the header and the first whole days that together hold at least rows records. The last
// day of src counts as whole.
func cut(dst io.Writer, src io.Reader, rows int) error {
	lines := bufio.NewScanner(src) // refuses a line over 64 KiB
	if !lines.Scan() {
		return errors.Join(errors.New("no header line"), lines.Err())
	}
	w := bufio.NewWriter(dst)
	fmt.Fprintf(w, "%s\n", lines.Bytes()) // an error stays in w and comes out of Flush
	day, taken := "", 0
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) < dayLength {
			return fmt.Errorf("record %d: %q does not start with a day", taken+1, line)
		}
		if next := string(line[:dayLength]); next != day {
			if taken >= rows {
				break
			}
			day = next
		}
		fmt.Fprintf(w, "%s\n", line)
		taken++
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("record %d: %w", taken+1, err)
	}
	if taken < rows {
		return fmt.Errorf("input holds %d records, want at least %d", taken, rows)
	}
	return w.Flush()
}
