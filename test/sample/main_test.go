package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	header = "date,delay\n"
	day1   = "2001-01-01T00:01,3\n2001-01-01T23:59,-4\n"
	day2   = "2001-01-02T00:00,5\n"
	day3   = "2001-01-03T07:30,6\n"
)

func TestCutTakesWholeDays(t *testing.T) {
	tests := []struct {
		rows int
		want string
	}{
		{rows: 1, want: header + day1},
		{rows: 2, want: header + day1},
		{rows: 3, want: header + day1 + day2},
		{rows: 4, want: header + day1 + day2 + day3},
	}
	for _, tt := range tests {
		var got strings.Builder
		if err := cut(&got, strings.NewReader(header+day1+day2+day3), tt.rows); err != nil {
			t.Errorf("cut to %d rows: %v", tt.rows, err)
		}
		if got.String() != tt.want {
			t.Errorf("cut to %d rows: got %q, want %q", tt.rows, got.String(), tt.want)
		}
	}
}

func TestCutRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"no header", "", "no header"},
		{"record too short", header + "2001\n", "does not start with a day"},
		{"too few records", header + day1, "holds 2 records"},
		{"endless line", header + strings.Repeat("2", 1<<20), "too long"},
	}
	for _, tt := range tests {
		err := cut(io.Discard, strings.NewReader(tt.in), 3)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

func TestRunWritesTheSameBytesTwice(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "full.csv.gz")
	if err := os.WriteFile(in, packed(t, header+day1+day2), 0o600); err != nil {
		t.Fatal(err)
	}
	var runs [2][]byte
	for i := range runs {
		out := filepath.Join(dir, "sample.csv.gz")
		if err := run(in, out, 2); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		runs[i] = b
	}
	if !bytes.Equal(runs[0], runs[1]) {
		t.Errorf("two runs differ: %x and %x", runs[0], runs[1])
	}
	if got, want := runs[0], packed(t, header+day1); !bytes.Equal(got, want) {
		t.Errorf("run: got %x, want %x", got, want)
	}
}

func TestRunLeavesNothingBehindOnError(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "full.csv.gz"), filepath.Join(dir, "sample.csv.gz")
	if err := os.WriteFile(in, packed(t, header+day1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(in, out, 100); err == nil {
		t.Error("run with too few records: got no error")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("after a failed run: got %d files, want the input alone", len(entries))
	}
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
