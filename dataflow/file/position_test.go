package file

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
)

// placed is a record that knows where it comes from.
type placed struct {
	N      int
	Pad    string
	File   int   `csv:"-"`
	Offset int64 `csv:"-"`
}

func (p *placed) set(file int, offset int64) { p.File, p.Offset = file, offset }

// placedText has records with the given numbers and other lines between them.
func placedText(from, to int, header, format string) string {
	var b strings.Builder
	b.WriteString("\xef\xbb\xbf" + header)
	for n := from; n < to; n++ {
		fmt.Fprintf(&b, format, n, strings.Repeat("é", n*n%97))
		b.WriteString([]string{"\n", "\r\n", "\n\n"}[n%3])
	}
	return b.String()
}

// TestPosition reads files of all kinds, whole, in small splits, and resumed
// after every few records, and looks the records up where they say they are.
func TestPosition(t *testing.T) {
	const jsonLine, csvLine = `{"N":%d,"Pad":"%s"}`, `%d,"%s"`
	for name, c := range map[string]struct {
		header, format string
		read           func(g *dataflow.Graph, path string, opts ...dataflow.ReadOption[placed])
		multi          bool
	}{
		"json": {"", jsonLine, func(g *dataflow.Graph, path string, opts ...dataflow.ReadOption[placed]) {
			ReadJSON(g, "in", path, opts...)
		}, false},
		"csv": {"N,Pad\n", csvLine, func(g *dataflow.Graph, path string, opts ...dataflow.ReadOption[placed]) {
			ReadCSV(g, "in", path, opts...)
		}, false},
		"csv over lines": {"N,Pad\n", "%d,\"\n%s\"",
			func(g *dataflow.Graph, path string, opts ...dataflow.ReadOption[placed]) {
				ReadCSV(g, "in", path, append(opts, MultiLine[placed]())...)
			}, true},
	} {
		texts := []string{
			placedText(0, 700, c.header, c.format), placedText(700, 700, c.header, c.format),
			placedText(700, 1300, c.header, c.format), placedText(1300, 1350, c.header, c.format),
		}
		dir := t.TempDir()
		for i, pack := range []func(string) string{strings.Clone, strings.Clone, gzipped, zstded} {
			put(t, filepath.Join(dir, fmt.Sprint("part-", i)), pack(texts[i]))
		}
		for _, size := range []int64{1000, 1 << 20} {
			for _, step := range []int{500, 1 << 30} {
				s := built[placed](t, func(g *dataflow.Graph) {
					c.read(g, dir, Splits[placed](size), Position((*placed).set))
				})
				got, err := readAll(t, s, step)
				if err != nil || len(got) != 1350 {
					t.Fatalf("%s: %d records, %v", name, len(got), err)
				}
				for n, r := range got {
					if err := r.check(n, texts, c.format); err != nil {
						t.Fatalf("%s, splits of %d, resumed after %d: %v", name, size, step, err)
					}
				}
			}
		}
	}
}

func (p *placed) check(n int, texts []string, format string) error {
	if p.N != n || p.File >= len(texts) || p.Offset > int64(len(texts[p.File])) {
		return fmt.Errorf("record %d is %d of file %d at %d", n, p.N, p.File, p.Offset)
	}
	want := fmt.Sprintf(format, n, strings.Repeat("é", n*n%97))
	at := strings.TrimPrefix(texts[p.File][p.Offset:], "\xef\xbb\xbf")
	if !strings.HasPrefix(at, want) {
		return fmt.Errorf("record %d: at %d of file %d is %.40q, want %.40q", n, p.Offset, p.File, at, want)
	}
	return nil
}

// built is the source that a flow reads from.
func built[T any](t *testing.T, read func(g *dataflow.Graph)) *source[T, T] {
	t.Helper()
	flow := dataflow.Define("f", dataflow.BestEffort, func(g *dataflow.Graph, _ struct{}) { read(g) })
	g, err := flow.Build(&struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return g.Steps[0].Source.Source.(interface{ Unwrap() any }).Unwrap().(*source[T, T])
}

func TestPositionOfAttempts(t *testing.T) {
	path := put(t, filepath.Join(t.TempDir(), "f"), "{\"N\":0}\nnonsense\n{\"N\":1}\n")
	s := trySource(path, newJSON[placed])
	s.position((*placed).set)
	got, err := readAll(t, s, 1)
	if err != nil || len(got) != 3 || got[0].Record.Offset != 0 || got[2].Record.Offset != 17 {
		t.Errorf("got %+v, %v, want records at 0 and 17", got, err)
	}
}

// TestPositionOfOldCheckpoint resumes splits that were listed without numbers.
func TestPositionOfOldCheckpoint(t *testing.T) {
	s := plainSource(put(t, filepath.Join(t.TempDir(), "f"), "{}\n"), newJSON[placed])
	splits, err := s.Splits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	splits[0].Payload = []byte(strings.Replace(string(splits[0].Payload), `"Number":1,`, "", 1))
	if _, err := s.Open(t.Context(), splits[0], nil); err != nil {
		t.Errorf("without Position: %v", err)
	}
	s.position((*placed).set)
	if _, err := s.Open(t.Context(), splits[0], nil); err == nil ||
		!strings.Contains(err.Error(), "did not number files") {
		t.Errorf("with Position: got %v, want an error", err)
	}
}
