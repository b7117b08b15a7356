package file

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

func put(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(text string) string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func zstded(text string) string {
	var b strings.Builder
	w, _ := zstd.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func lineSource(path string) *source[string, string] { return plainSource(path, newLines) }

func csvSource[T any](t testing.TB, path string) *source[T, T] {
	t.Helper()
	columns, err := columnsOf(reflect.TypeFor[T](), unmarshalerType)
	if err != nil {
		t.Fatal(err)
	}
	return plainSource(path, newCSV[T](columns))
}

// readSplit reads at most limit records of a split, a little more when a
// batch holds more, and returns the offset after them and whether the split
// has ended.
func readSplit[T, B any](t testing.TB, s *source[T, B], split operator.Split, offset []byte, limit int,
) (values []B, next []byte, err error) {
	t.Helper()
	r, err := s.Open(t.Context(), split, offset)
	if err != nil {
		return nil, offset, err
	}
	defer r.Close()
	pool := operator.NewPool[B]()
	for next = offset; len(values) < limit; next = r.Offset() {
		b := pool.Get()
		err := r.Read(t.Context(), b)
		values = append(values, b.Values...)
		if err != nil {
			return values, r.Offset(), err
		}
		if b.Len() == 0 {
			t.Fatalf("Read(%q) returned neither records nor an error", split.ID)
		}
	}
	return values, next, nil
}

// readAll reads all splits, reopening each after about every step records.
func readAll[T, B any](t testing.TB, s *source[T, B], step int) (all []B, err error) {
	t.Helper()
	splits, err := s.Splits(t.Context())
	if err != nil {
		return nil, err
	}
	for _, split := range splits {
		var offset []byte
		for err == nil {
			var part []B
			part, offset, err = readSplit(t, s, split, offset, step)
			all = append(all, part...)
		}
		if !errors.Is(err, io.EOF) {
			return all, err
		}
		err = nil
	}
	return all, nil
}

func TestReadLines(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":        {"", nil},
		"one":          {"a\n", []string{"a"}},
		"no-end":       {"a\nb", []string{"a", "b"}},
		"blank":        {"\n\na\n\n", []string{"", "", "a", ""}},
		"windows":      {"a\r\nb\r\n", []string{"a", "b"}},
		"bom":          {"\xef\xbb\xbfa\nb\n", []string{"a", "b"}},
		"bom-later":    {"a\n\xef\xbb\xbfb\n", []string{"a", "\xef\xbb\xbfb"}},
		"not-utf8":     {"\xff\n\x00\n", []string{"\xff", "\x00"}},
		"long":         {long + "\n" + long, []string{long, long}},
		"return-alone": {"a\rb\n", []string{"a\rb"}},
	} {
		for ext, pack := range map[string]func(string) string{
			"": strings.Clone, ".gz": gzipped, ".zst": zstded,
		} {
			path := put(t, filepath.Join(dir, name+ext), pack(c.text))
			got, err := readAll(t, lineSource(path), 1<<30)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s%s: got %q, %v, want %q", name, ext, got, err, c.want)
			}
		}
	}
}

// randomText has lines of very different lengths, so that batches, chunks and
// splits end anywhere.
func randomText(seed uint64, lines int) (text string, want []string) {
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for i := range lines {
		n := r.IntN(20)
		if r.IntN(50) == 0 {
			n = r.IntN(70_000)
		}
		line := fmt.Sprintf("%d %s", i, strings.Repeat("y", n))
		want = append(want, line)
		b.WriteString(line + []string{"\n", "\r\n"}[r.IntN(2)])
	}
	return b.String(), want
}

func TestSplitsAndOffsetsGiveEveryLineOnce(t *testing.T) {
	dir := t.TempDir()
	text, want := randomText(1, 3000)
	put(t, filepath.Join(dir, "plain"), text)
	smallText, smallWant := randomText(2, 60)
	put(t, filepath.Join(dir, "small"), smallText)
	for _, size := range []int64{1, 7, 90_000, 1 << 30} {
		s, want := lineSource(filepath.Join(dir, "plain")), want
		if size < 1000 {
			s.path, want = filepath.Join(dir, "small"), smallWant
		}
		s.cfg.splitBytes = size
		got, err := readAll(t, s, 1)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("splits of %d bytes: %v, %d lines, want %d", size, err, len(got), len(want))
		}
	}
	for ext, pack := range map[string]func(string) string{".gz": gzipped, ".zst": zstded} {
		path := put(t, filepath.Join(dir, "packed"+ext), pack(text))
		got, err := readAll(t, lineSource(path), 1500)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %d lines, want %d", ext, err, len(got), len(want))
		}
	}
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "sub", ".git"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"b.txt", "a.txt", "c.csv", ".hidden", "sub/d.txt", "sub/.git/e"} {
		put(t, filepath.Join(dir, name), name+"\n")
	}
	for path, want := range map[string][]string{
		"b.txt": {"b.txt"}, "*.txt": {"a.txt", "b.txt"}, "": {"a.txt", "b.txt", "c.csv", "sub/d.txt"},
		"*/*.txt": {"sub/d.txt"},
	} {
		got, err := readAll(t, lineSource(filepath.Join(dir, path)), 1<<30)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v, want %q", path, got, err, want)
		}
	}
	for _, path := range []string{"none", "none*", "[", "sub/.git/x"} {
		s := lineSource(filepath.Join(dir, path))
		if _, err := s.Splits(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: error %v does not name the path", path, err)
		}
	}
}

type flight struct {
	Date     time.Time `csv:"date" layout:"2006-01-02T15:04"`
	Delay    int       `csv:"delay"`
	Distance float64
	Origin   string
	To       string `csv:"destination,optional"`
}

func TestReadCSV(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2001, 1, 1, 0, 1, 0, 0, time.UTC)
	las := flight{at, 33, 2176, "LAS", "PHL"}
	for name, c := range map[string]struct {
		text string
		opt  func(*config)
		want []flight
	}{
		"header": {"date,delay,distance,origin,destination\n2001-01-01T00:01,33,2176,LAS,PHL\n", nil,
			[]flight{las}},
		"order and case": {"DESTINATION,x,Origin,distance,delay,date\nPHL,9,LAS,2176,33,2001-01-01T00:01",
			nil, []flight{las}},
		"quotes": {"date,delay,distance,origin,destination\n2001-01-01T00:01,33,2176,\"L,\"\"S\",\n", nil,
			[]flight{{at, 33, 2176, `L,"S`, ""}}},
		"tabs": {"2001-01-01T00:01\t33\t2176\tLAS\tPHL\n", func(c *config) {
			c.csv.comma, c.csv.noHeader = '\t', true
		}, []flight{las}},
		"missing optional": {"\n\ndate,delay,distance,origin\n\n2001-01-01T00:01,33,2176,LAS\n", nil,
			[]flight{{at, 33, 2176, "LAS", ""}}},
		"multi-line": {"date,delay,distance,origin\r\n2001-01-01T00:01,33,2176,\"L\r\nAS\"\r\n",
			func(c *config) { c.csv.multi = true }, []flight{{at, 33, 2176, "L\nAS", ""}}},
		"only header": {"date,delay,distance,origin\n", nil, nil},
	} {
		s := csvSource[flight](t, put(t, filepath.Join(dir, "f.csv"), c.text))
		if c.opt != nil {
			c.opt(&s.cfg)
		}
		got, err := readAll(t, s, 1)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
		}
	}
}

func TestHeaderOfEverySplit(t *testing.T) {
	type row struct{ A, B int }
	var b strings.Builder
	b.WriteString("\n\nb,a\n")
	for i := range 99 {
		fmt.Fprintf(&b, "%d,%d\n", i*i, i)
	}
	path := put(t, filepath.Join(t.TempDir(), "f.csv"), b.String())
	for size := range int64(20) {
		s := csvSource[row](t, path)
		s.cfg.splitBytes = size + 1
		got, err := readAll(t, s, 1)
		if err != nil || len(got) != 99 || got[98] != (row{98, 98 * 98}) {
			t.Fatalf("splits of %d bytes: %d rows, %v", size+1, len(got), err)
		}
	}
}

func TestErrorsNameFileLineAndRemedy(t *testing.T) {
	dir := t.TempDir()
	head := "date,delay,distance,origin\n"
	rows := strings.Repeat("2001-01-01T00:01,33,2176,LAS\n", 20)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"number": {head + rows + "2001-01-01T00:01,soon,1,A\n" + rows,
			[]string{"line 22, byte 607", `"2001-01-01T00:01,soon,1,A"`, `column "delay"`, "integer"}},
		"empty":   {head + "2001-01-01T00:01,,1,A\n", []string{"line 2, byte 27", "optional"}},
		"range":   {head + "2001-01-01T00:01,99999999999999999999,1,A\n", []string{"range"}},
		"time":    {head + "yesterday,1,1,A\n", []string{`"yesterday" is not a time`}},
		"columns": {head + "1,2\n", []string{"2 columns, want 4"}},
		"header":  {"date,delay\n", []string{"line 1, byte 0", "Distance, Origin", "csv tags"}},
		"quote":   {head + "2001-01-01T00:01,1,1,\"A\n", []string{"line 2", "file.MultiLine"}},
		"bare":    {head + "2001-01-01T00:01,1,1,A\"\n", []string{"line 2", "bare"}},
	} {
		for _, size := range []int64{50, 1 << 30} {
			s := csvSource[flight](t, put(t, filepath.Join(dir, "f.csv"), c.text))
			s.cfg.splitBytes = size
			_, err := readAll(t, s, 1<<30)
			for _, want := range append(c.want, "f.csv") {
				if err == nil || !strings.Contains(err.Error(), want) {
					if name == "header" && want == "line 1, byte 0" && size == 50 {
						continue
					}
					t.Errorf("%s: error %v does not say %q", name, err, want)
				}
			}
		}
	}
}

func TestLongLine(t *testing.T) {
	text := "short\n" + strings.Repeat("z", 300_000) + "\nshort\n"
	s := lineSource(put(t, filepath.Join(t.TempDir(), "f"), text))
	for limit, ok := range map[int]bool{100: false, 299_999: false, 300_000: true} {
		s.cfg.maxLine = limit
		_, err := readAll(t, s, 1<<30)
		if ok && err != nil || !ok && (!errors.Is(err, errTooLong) ||
			!strings.Contains(err.Error(), "line 2, byte 6")) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

func TestReadJSON(t *testing.T) {
	type event struct {
		N    int
		Tags []string
	}
	path := put(t, filepath.Join(t.TempDir(), "f"), `{"N":1,"Tags":["a"]}`+"\n\n  \n"+`{"n":2}`)
	got, err := readAll(t, plainSource(path, newJSON[event]), 1)
	if want := []event{{1, []string{"a"}}, {N: 2}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestTryRead(t *testing.T) {
	type event struct{ N int }
	path := put(t, filepath.Join(t.TempDir(), "f"), "{\"N\":1}\nnonsense\n{\"N\":3}\n")
	s := trySource(path, newJSON[event])
	s.cfg.splitBytes = 5
	got, err := readAll(t, s, 1)
	if err != nil || len(got) != 3 {
		t.Fatalf("got %v, %v, want 3 attempts", got, err)
	}
	bad := got[1].Failed
	if bad == nil || bad.Record != (Line{path, 2, 8, "nonsense"}) || !strings.Contains(bad.Err, "line 2") {
		t.Errorf("got failure %+v", bad)
	}
	if got[0].Record.N != 1 || got[2].Record.N != 3 || got[2].Failed != nil {
		t.Errorf("got %v", got)
	}
}

func TestReplacedFiles(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintln(&b, i)
	}
	text := b.String()
	for name, c := range map[string]struct {
		after string // "" removes the file
		want  string // "" is success
	}{
		"grown":      {text + "more\n", ""},
		"shrunk":     {text[:len(text)/2], "shrunk"},
		"replaced":   {"x" + text[1:], "replaced"},
		"other tail": {text[:len(text)-2] + "x\n", "replaced"},
		"vanished":   {"", "vanished"},
	} {
		path := put(t, filepath.Join(t.TempDir(), "f"), text)
		s := lineSource(path)
		splits, err := s.Splits(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		head, offset, err := readSplit(t, s, splits[0], nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		if os.Remove(path); c.after != "" {
			put(t, path, c.after)
		}
		for _, at := range [][]byte{offset, nil} {
			rest, _, err := readSplit(t, s, splits[0], at, 1<<30)
			switch {
			case c.want != "" && (errors.Is(err, io.EOF) || !strings.Contains(err.Error(), c.want) ||
				!strings.Contains(err.Error(), path)):
				t.Errorf("%s: error %v does not say %q", name, err, c.want)
			case c.want == "" && at != nil && (!errors.Is(err, io.EOF) || len(head)+len(rest) != 5000):
				t.Errorf("%s: %d + %d lines, %v", name, len(head), len(rest), err)
			}
		}
	}
}

func TestStandardInput(t *testing.T) {
	in, out := io.Pipe()
	s := lineSource(standard)
	s.stdin = newPump(in)
	if s.Replayable() || s.Grows() {
		t.Error("standard input is said to be replayable or to grow")
	}
	splits, _ := s.Splits(t.Context())
	r, err := s.Open(t.Context(), splits[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	go out.Write([]byte("first\nsec"))
	b := operator.NewPool[string]().Get()
	if err := r.Read(t.Context(), b); err != nil || !slices.Equal(b.Values, []string{"first"}) {
		t.Fatalf("got %q, %v, want what is at hand", b.Values, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Read(ctx, b); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	go func() { out.Write([]byte("ond\nthird")); out.Close() }()
	b.Release()
	got, err := []string(nil), error(nil)
	for err == nil {
		b := operator.NewPool[string]().Get()
		err = r.Read(t.Context(), b)
		got = append(got, b.Values...)
	}
	if !errors.Is(err, io.EOF) || !slices.Equal(got, []string{"second", "third"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestStandardInputPacked(t *testing.T) {
	s := lineSource(standard)
	s.stdin = newPump(strings.NewReader(gzipped("a\nb\n")))
	got, err := readAll(t, s, 1<<30)
	if err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDamagedPackedFile(t *testing.T) {
	dir := t.TempDir()
	text, _ := randomText(3, 1000)
	for ext, pack := range map[string]func(string) string{".gz": gzipped, ".zst": zstded} {
		packed := pack(text)
		path := put(t, filepath.Join(dir, "f"+ext), packed[:len(packed)-20])
		_, err := readAll(t, lineSource(path), 1<<30)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v does not name the file", ext, err)
		}
	}
}

func TestOptionsInfer(t *testing.T) {
	type view struct{ At time.Time }
	viewed := func(v view) time.Time { return v.At }
	flow := dataflow.Define("f", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		views := ReadJSON(g, "views", "views", dataflow.EventTime(viewed, 5*time.Second),
			Follow[view](), Settle[view](time.Minute))
		good, bad := TryReadCSV(g, "more", "views", dataflow.EventTime(viewed, 0), Delimiter[view](';'))
		WriteJSON(views, "out", "out/views", Compress(Gzip), dataflow.Parallelism(2))
		WriteCSV(good, "csv", "out/good")
		WriteJSON(bad, "bad", "out/bad")
	})
	g, err := flow.Build(&struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	if s := g.Step("views"); !s.Source.Source.Grows() || s.Source.Disorder != 5*time.Second {
		t.Errorf("options are lost: %+v", s.Source)
	}
	if s := g.Step("out"); s.Parallelism != 2 || s.Sink.Delivery() != operator.Transactional {
		t.Errorf("options are lost: %+v", s)
	}
}

func TestBuildErrors(t *testing.T) {
	type chans struct{ C chan int }
	for name, c := range map[string]struct {
		build func(g *dataflow.Graph)
		want  string
	}{
		"field":     {func(g *dataflow.Graph) { ReadCSV[chans](g, "s", "p") }, "field C"},
		"struct":    {func(g *dataflow.Graph) { ReadCSV[int](g, "s", "p") }, "must be a struct"},
		"stdin":     {func(g *dataflow.Graph) { ReadLines(g, "s", "-") }, "cannot be read again"},
		"delimiter": {func(g *dataflow.Graph) { ReadLines(g, "s", "p", Delimiter[string]('"')) }, "Delimiter"},
		"splits":    {func(g *dataflow.Graph) { ReadLines(g, "s", "p", Splits[string](0)) }, "Splits"},
		"path":      {func(g *dataflow.Graph) { ReadLines(g, "s", "") }, "empty"},
		"packed": {func(g *dataflow.Graph) {
			ReadLines(g, "s", "p", Follow[string](), Decompress[string](Gzip))
		}, "followed"},
		"position": {func(g *dataflow.Graph) {
			ReadLines(g, "s", "p", Follow[string](), Position(func(*string, int, int64) {}))
		}, "have no numbers"},
		"no position": {func(g *dataflow.Graph) {
			ReadLines(g, "s", "p", Position[string](nil))
		}, "the function is nil"},
		"sink": {func(g *dataflow.Graph) {
			WriteCSV(ReadLines(g, "s", "p"), "out", "out")
		}, "must be a struct"},
		"stdout": {func(g *dataflow.Graph) { WriteLines(ReadLines(g, "s", "p"), "out", "-") }, "AtLeastOnce"},
		"hidden": {func(g *dataflow.Graph) { WriteLines(ReadLines(g, "s", "p"), "out", "d/.x") }, "seen"},
	} {
		flow := dataflow.Define("f", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) { c.build(g) })
		_, err := flow.Build(&struct{}{})
		want := strings.Replace(c.want, "AtLeastOnce", dataflow.AtLeastOnce.String(), 1)
		if err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "read_test.go") {
			t.Errorf("%s: error %v does not say %q with the line", name, err, want)
		}
	}
}

func TestReadFunc(t *testing.T) {
	decoders := 0
	src := plainSource(put(t, filepath.Join(t.TempDir(), "in"), "1\n\n 2 \r\n3"),
		newFunc(func() func([]byte, *int) error {
			decoders++
			return func(line []byte, v *int) error {
				before := *v
				_, err := fmt.Sscan(string(line), v)
				*v += before
				return err
			}
		}))
	src.cfg.splitBytes = 4
	got, err := readAll(t, src, 1)
	if want := []int{1, 2, 3}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if decoders < 2 {
		t.Errorf("%d decoders for several splits", decoders)
	}
	path := put(t, filepath.Join(t.TempDir(), "in"), "1\nx\n")
	src = plainSource(path, newFunc(func() func([]byte, *int) error {
		return func(line []byte, v *int) error { _, err := fmt.Sscan(string(line), v); return err }
	}))
	_, err = readAll(t, src, 1)
	if err == nil || !strings.Contains(err.Error(), `line 2, byte 2: "x"`) {
		t.Errorf("got %v, want an error with the place of the line", err)
	}
}
