package file

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// dripping gives its bytes in pieces of the sizes of a pattern.
type dripping struct {
	rest    []byte
	pattern []byte
	turn    int
}

func (d *dripping) read(_ context.Context, p []byte) (int, error) {
	n := len(d.rest)
	if len(d.pattern) > 0 {
		n = min(n, int(d.pattern[d.turn%len(d.pattern)]))
		d.turn++
	}
	n = copy(p[:min(n, len(p))], d.rest)
	if d.rest = d.rest[n:]; len(d.rest) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (*dripping) Close() error { return nil }

// referenceLines is what lines mean, said in another way.
func referenceLines(text string) []string {
	lines := strings.Split(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
		if i == 0 {
			lines[i] = strings.TrimPrefix(lines[i], "\xef\xbb\xbf")
		}
	}
	return lines
}

func FuzzLines(f *testing.F) {
	f.Add("a\nb\r\n\n\xef\xbb\xbfc\r", []byte{1, 2, 3}, uint8(1))
	f.Add("\xef\xbb\xbf\n\r\n", []byte{1}, uint8(0))
	f.Fuzz(func(t *testing.T, text string, pattern []byte, stop uint8) {
		if len(pattern) > 0 && slices.Max(pattern) == 0 {
			return // never gives anything
		}
		var got []string
		s := scanner{in: &dripping{[]byte(text), pattern, 0}, limit: 1 << 20}
		for {
			if len(got) == int(stop) { // and from here on again
				rest := []byte(text[s.pos:])
				s = scanner{in: &dripping{rest, pattern, 0}, limit: 1 << 20, pos: s.pos, line: s.line}
			}
			line, err := s.await(context.Background())
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(line))
		}
		if want := referenceLines(text); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if s.pos != int64(len(text)) || s.line != int64(len(got)) {
			t.Errorf("at the end pos is %d and line %d of %d and %d", s.pos, s.line, len(text), len(got))
		}
	})
}

func FuzzRanges(f *testing.F) {
	f.Add("a\nbcd\n\nefg\r\nhi", uint8(3))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		s := lineSource(put(t, filepath.Join(dir, "f"), text))
		s.cfg.compression = Plain
		s.cfg.splitBytes = int64(size) + 1
		got, err := readAll(t, s, 1)
		if want := referenceLines(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("splits of %d bytes: got %q, %v, want %q", size+1, got, err, want)
		}
	})
}

// readRows reads CSV the way sources do, up to the first error.
func readRows(text string, comma rune, pattern []byte) (all [][]string, err error) {
	s := scanner{in: &dripping{[]byte(text), pattern, 0}, limit: 1 << 20, quoted: true}
	r := rows{comma: comma, multi: true}
	for {
		line, err := s.await(context.Background())
		if err != nil {
			return all, err
		}
		fields, err := r.split(line)
		if errors.Is(err, errEmpty) {
			continue
		} else if err != nil {
			return all, err
		}
		var row []string
		for _, f := range fields {
			row = append(row, string(f))
		}
		all = append(all, row)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("a,b\n1,\"x\"\"y\"\n\n\"m\r\nn\",2\r\n", []byte{3}, false)
	f.Add("a\"b\nc\"d\n", []byte{1}, false)
	f.Add("\"a\"\r\r\nb\r", []byte(nil), true)
	f.Add("\"a\"\n\"b\n", []byte(nil), true)
	f.Fuzz(func(t *testing.T, text string, pattern []byte, tabs bool) {
		if len(pattern) > 0 && slices.Max(pattern) == 0 {
			return
		}
		text = strings.TrimPrefix(text, string(bom)) // which only we skip
		ref := csv.NewReader(strings.NewReader(text))
		ref.FieldsPerRecord = -1
		if tabs {
			ref.Comma = '\t'
		}
		var want [][]string
		var wantErr error
		for wantErr == nil {
			var row []string
			if row, wantErr = ref.Read(); wantErr == nil {
				want = append(want, row)
			}
		}
		got, err := readRows(text, ref.Comma, pattern)
		if errors.Is(err, io.EOF) != errors.Is(wantErr, io.EOF) {
			t.Fatalf("%q: got error %v, want %v", text, err, wantErr)
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	})
}

func FuzzOffset(f *testing.F) {
	p := position{pos: 300, line: 7, identity: identity{1000, 1, 2}, checked: 64, check: 3}
	f.Add(p.append(nil), []byte(`{"Path":"x","From":0,"To":10,"Identity":{"Size":10}}`))
	f.Add([]byte{}, []byte("null"))
	dir := f.TempDir()
	path := put(f, filepath.Join(dir, "f"), strings.Repeat("line\n", 100))
	f.Fuzz(func(t *testing.T, offset, payload []byte) {
		if p, err := parsePosition(offset); err == nil {
			if again, err := parsePosition(p.append(nil)); err != nil || again != p {
				t.Errorf("%x is %v, which becomes %v, %v", offset, p, again, err)
			}
		}
		s := lineSource(path)
		if r, err := s.Open(t.Context(), operator.Split{ID: "x", Payload: payload}, offset); err == nil {
			r.Close()
		}
		splits, err := s.Splits(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Open(t.Context(), splits[0], offset)
		if err != nil {
			return
		}
		defer r.Close()
		for err == nil { // garbage may look like an offset, but is the end of it
			b := operator.NewPool[string]().Get()
			err = r.Read(t.Context(), b)
		}
	})
}

type benchFlight struct {
	Date        string `csv:"date"`
	Delay       int    `csv:"delay"`
	Distance    int    `csv:"distance"`
	Origin      string `csv:"origin"`
	Destination string `csv:"destination"`
}

func benchRead[T any](b *testing.B, s *source[T, T], text int) {
	b.SetBytes(int64(text))
	b.ReportAllocs()
	pool := operator.NewPool[T]()
	for b.Loop() {
		splits, err := s.Splits(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for _, split := range splits {
			r, err := s.Open(b.Context(), split, nil)
			if err != nil {
				b.Fatal(err)
			}
			for err == nil {
				batch := pool.Get()
				err = r.Read(b.Context(), batch)
				n += batch.Len()
				r.Offset()
				batch.Release()
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
			r.Close()
		}
		b.ReportMetric(float64(n), "records/op")
	}
}

func benchText() string {
	var t bytes.Buffer
	t.WriteString("date,delay,distance,origin,destination\n")
	airports := []string{"LAS", "PHL", "ATL", "SAV", "ORD", "MDW", "ANC", "LAX"}
	for i := range 300_000 {
		t.WriteString("2001-01-0" + string(rune('1'+i/50_000)) + "T" + string(rune('0'+i/20_000%2)) +
			"0:01,33,2176," + airports[i%8] + "," + airports[i%7] + "\n")
	}
	return t.String()
}

func BenchmarkReadLines(b *testing.B) {
	text := benchText()
	benchRead(b, lineSource(put(b, filepath.Join(b.TempDir(), "f"), text)), len(text))
}

func BenchmarkReadCSV(b *testing.B) {
	text := benchText()
	benchRead(b, csvSource[benchFlight](b, put(b, filepath.Join(b.TempDir(), "f"), text)), len(text))
}

func BenchmarkReadCSVGzip(b *testing.B) {
	text := benchText()
	path := put(b, filepath.Join(b.TempDir(), "f.gz"), gzipped(text))
	benchRead(b, csvSource[benchFlight](b, path), len(text))
}

func BenchmarkReadCSVTimes(b *testing.B) {
	text := benchText()
	benchRead(b, csvSource[flight](b, put(b, filepath.Join(b.TempDir(), "f"), text)), len(text))
}

// BenchmarkEncodingCSV is what ReadCSV is to be compared with: splitting alone,
// without setting fields.
func BenchmarkEncodingCSV(b *testing.B) {
	text := benchText()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := csv.NewReader(strings.NewReader(text))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err != nil {
				break
			}
		}
	}
}

func BenchmarkWriteJSON(b *testing.B) {
	s := newSink("out", filepath.Join(b.TempDir(), "out"), ".jsonl", newJSONEncoder[benchFlight])
	benchWrite(b, s)
}

func BenchmarkWriteJSONTo(b *testing.B) {
	s := newSink("out", b.TempDir()+"/", ".jsonl", newJSONEncoder[benchFlight])
	s.partition = func(f benchFlight) string { return f.Origin }
	benchWrite(b, s)
}

func BenchmarkWriteCSV(b *testing.B) {
	columns, _ := columnsOf(reflect.TypeFor[benchFlight](), marshalerType)
	s := newSink("out", filepath.Join(b.TempDir(), "out"), ".csv", newCSVEncoder[benchFlight](columns))
	benchWrite(b, s)
}

func benchWrite(b *testing.B, s *sink[benchFlight]) {
	w := mustOpen(b, s, place(1, 0))
	defer w.Close()
	batch := batchOf[benchFlight]()
	for range operator.BatchSize {
		batch.Append(benchFlight{"2001-01-01T00:01", 33, 2176, "LAS", "PHL"}, 0)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/operator.BatchSize, "ns/record")
}
