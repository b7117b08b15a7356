package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

func place(generation uint64, subtask int) operator.Place {
	return operator.Place{
		Step: "out", Generation: generation, Subtask: subtask, Parallelism: 2, Restored: math.MaxUint64,
	}
}

func lineSink(path string) *sink[string] { return newSink("out", path, ".txt", newLineEncoder) }

func mustOpen[T any](t testing.TB, s *sink[T], p operator.Place) dataflow.Writer[T] {
	t.Helper()
	w, err := s.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func batchOf[T any](values ...T) *operator.Records[T] {
	b := operator.NewPool[T]().Get()
	for _, v := range values {
		b.Append(v, operator.MinTimestamp)
	}
	return b
}

// commitOne writes values and commits them as a checkpoint.
func commitOne[T any](t testing.TB, s *sink[T], w dataflow.Writer[T], ckpt uint64, values ...T) []byte {
	t.Helper()
	if err := w.Write(batchOf(values...)); err != nil {
		t.Fatal(err)
	}
	p, err := w.Prepare(ckpt)
	if err != nil || p == nil {
		t.Fatalf("Prepare: %v, %v", p, err)
	}
	token, err := p.Persist()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(token); err != nil {
		t.Fatal(err)
	}
	return token
}

// seen returns the lines of the files below a directory that a user would see,
// and the names of the files that are hidden, all sorted.
func seen(t testing.TB, dir string) (lines, hidden []string) {
	t.Helper()
	for name, text := range tree(t, dir) {
		if strings.HasPrefix(filepath.Base(name), ".") {
			hidden = append(hidden, name)
			continue
		}
		if !strings.HasSuffix(text, "\n") {
			t.Fatalf("%s ends in a part of a line", name)
		}
		lines = append(lines, strings.Fields(text)...)
	}
	slices.Sort(lines)
	slices.Sort(hidden)
	return lines, hidden
}

// tree returns the text of all files below a directory, by relative path.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// run is a sink, its writers and what a checkpoint coordinator knows.
type run struct {
	t          *testing.T
	r          *rand.Rand
	dir        string
	make       func() *sink[string]
	sink       *sink[string]
	writers    []dataflow.Writer[string]
	generation uint64
	checkpoint uint64
	next       int
	written    []string // since the last Prepare
	prepared   []closed // not persisted
	persisted  []closed // not in a complete checkpoint
	complete   [][]byte // tokens of the last complete checkpoint
	promised   []string // lines of complete checkpoints
	partial    bool     // complete has not been committed to its end
}

type closed struct {
	p     operator.Prepared
	token []byte
	lines []string
}

func (r *run) open() {
	r.generation++
	r.sink = r.make()
	for _, token := range r.complete {
		for range 1 + r.r.IntN(2) {
			if err := r.sink.Commit(token); err != nil {
				r.t.Fatalf("commit again: %v", err)
			}
		}
	}
	r.partial = false
	if err := r.sink.Recover(); err != nil {
		r.t.Fatal(err)
	}
	r.writers = nil
	for i := range 2 {
		r.writers = append(r.writers, mustOpen(r.t, r.sink, place(r.generation, i)))
	}
	r.written, r.prepared, r.persisted = nil, nil, nil
}

func (r *run) write() {
	w, b := r.r.IntN(2), batchOf[string]()
	for range r.r.IntN(3) {
		line := fmt.Sprintf("p=%d/line%06d", r.r.IntN(4), r.next)
		r.next++
		b.Append(line, 0)
		r.written = append(r.written, line)
	}
	if err := r.writers[w].Write(b); err != nil {
		r.t.Fatal(err)
	}
}

func (r *run) prepare() {
	r.checkpoint++
	lines := r.written
	r.written = nil
	for _, w := range r.writers {
		p, err := w.Prepare(r.checkpoint)
		if err != nil {
			r.t.Fatal(err)
		}
		if p != nil {
			r.prepared = append(r.prepared, closed{p: p})
		}
	}
	if len(lines) > 0 { // all lines of a checkpoint are accounted to one of its parts
		r.prepared[len(r.prepared)-1].lines = lines
	}
}

func (r *run) persist(all bool) {
	for len(r.prepared) > 0 {
		c := r.prepared[0]
		r.prepared = r.prepared[1:]
		token, err := c.p.Persist()
		if err != nil {
			r.t.Fatal(err)
		}
		c.token = token
		r.persisted = append(r.persisted, c)
		if !all {
			return
		}
	}
}

// completeAll makes everything prepared part of a complete checkpoint and
// commits some of it: the rest is left to a later process.
func (r *run) completeAll() {
	if r.partial {
		r.commit(math.MaxInt)
	}
	r.persist(true)
	r.complete = nil
	for _, c := range r.persisted {
		r.complete = append(r.complete, c.token)
		r.promised = append(r.promised, c.lines...)
	}
	r.persisted, r.partial = nil, true
	r.commit(r.r.IntN(len(r.complete) + 1))
}

func (r *run) commit(n int) {
	for _, token := range r.complete[:min(n, len(r.complete))] {
		if err := r.sink.Commit(token); err != nil {
			r.t.Fatal(err)
		}
	}
	r.partial = n < len(r.complete)
	if !r.partial || r.r.IntN(2) == 0 {
		return
	}
	// A crash in the middle of a commit: some names are there, the old ones too.
	tokens, err := r.sink.parseTokens(r.complete[n])
	if err != nil {
		r.t.Fatal(err)
	}
	shown := tokens[:1+r.r.IntN(len(tokens))]
	for _, t := range shown {
		dir := filepath.Join(r.dir, t.Dir)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			r.t.Fatal(err)
		}
		err = os.Link(filepath.Join(r.dir, t.Pending), filepath.Join(dir, t.Final))
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrExist) {
			r.t.Fatal(err)
		}
	}
	if len(shown) == len(tokens) && r.r.IntN(2) == 0 {
		os.Remove(filepath.Join(r.dir, tokens[0].Pending))
	}
}

func (r *run) check() {
	got, _ := seen(r.t, r.dir)
	want := slices.Sorted(slices.Values(r.promised))
	if !r.partial && !slices.Equal(got, want) {
		r.t.Fatalf("visible %d lines, want the %d of complete checkpoints", len(got), len(want))
	}
	for _, line := range got {
		if _, ok := slices.BinarySearch(want, line); !ok {
			r.t.Fatalf("%s is visible before its checkpoint is complete", line)
		}
	}
}

func TestCrashesLoseAndRepeatNothing(t *testing.T) {
	for name, newSink := range map[string]func(dir string) *sink[string]{
		"one file":   func(dir string) *sink[string] { return lineSink(filepath.Join(dir, "out")) },
		"partitions": func(dir string) *sink[string] { return partitioned(dir, head) },
	} {
		t.Run(name, func(t *testing.T) { crashes(t, newSink) })
	}
}

func crashes(t *testing.T, newSink func(dir string) *sink[string]) {
	for seed := range uint64(25) {
		dir := t.TempDir()
		const mine = ".out-mine.txt.pending"
		put(t, filepath.Join(dir, mine), "a user's\n")
		r := &run{t: t, r: rand.New(rand.NewPCG(seed, 7)), dir: dir}
		r.make = func() *sink[string] { return newSink(dir) }
		r.open()
		for range 60 {
			switch r.r.IntN(12) {
			case 0, 1, 2, 3, 4:
				r.write()
			case 5, 6:
				r.prepare()
			case 7, 8:
				r.persist(false)
			case 9, 10:
				r.completeAll()
			case 11:
				r.open() // the process has died
			}
			r.check()
		}
		r.open()
		r.check()
		_, hidden := seen(t, dir)
		if !slices.Equal(hidden, []string{mine}) {
			t.Fatalf("seed %d: hidden files after recovery: %q, want the user's", seed, hidden)
		}
	}
}

func TestCommitErrors(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(pending, final string)
		want  string // "" is success
	}{
		"twice":    {func(p, f string) { os.Rename(p, f) }, ""},
		"gone":     {func(p, f string) { os.Remove(p) }, "restore it"},
		"occupied": {func(p, f string) { os.WriteFile(f, []byte("my own\n"), 0o666) }, "another file"},
		"changed":  {func(p, f string) { os.WriteFile(p, []byte("LINE\n"), 0o666) }, "changed"},
		"longer":   {func(p, f string) { os.WriteFile(p, []byte("line\nline\n"), 0o666) }, "changed"},
		"other":    {func(p, f string) { os.Remove(p); os.WriteFile(f, []byte("x"), 0o666) }, "another file"},
	} {
		dir := t.TempDir()
		s := lineSink(filepath.Join(dir, "out"))
		w := mustOpen(t, s, place(1, 0))
		if err := w.Write(batchOf("line")); err != nil {
			t.Fatal(err)
		}
		p, _ := w.Prepare(7)
		token, err := p.Persist()
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := s.parseTokens(token)
		if err != nil {
			t.Fatal(err)
		}
		pending, final := filepath.Join(dir, tokens[0].Pending), filepath.Join(dir, tokens[0].Final)
		c.spoil(pending, final)
		before, _ := os.ReadFile(final)
		err = s.Commit(token)
		if c.want == "" && err != nil || c.want != "" && (err == nil ||
			!strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) ||
			!strings.Contains(err.Error(), `step "out"`)) {
			t.Errorf("%s: error %v does not say %q", name, err, c.want)
		}
		if after, _ := os.ReadFile(final); before != nil && !bytes.Equal(before, after) {
			t.Errorf("%s: the file there was overwritten", name)
		}
	}
}

func TestOutputIsNotRepeated(t *testing.T) {
	s := lineSink(filepath.Join(t.TempDir(), "out"))
	commitOne(t, s, mustOpen(t, s, place(1, 0)), 7, "a")
	for _, c := range []struct {
		restored uint64
		want     string // in the error
	}{{0, "another state"}, {6, "checkpoint 7"}, {7, ""}, {8, ""}} {
		p := place(2, 1)
		p.Restored = c.restored
		_, err := s.Open(p)
		if err == nil != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("checkpoint 7 is visible, restored %d: got %v, want %q", c.restored, err, c.want)
		}
	}
}

func TestRecoverLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	keep := []string{
		".out-0001-00000001-000.csv.pending", ".other-0001-00000001-000.txt.pending",
		".out-1-1-0.txt.pending", ".out-0001-0001-00000001-000.txt.pending",
		"out-0001-00000001-000.txt", ".out-0001-00000001-000.txt", "out-0001-00000001-000.txt.pending",
	}
	for _, name := range keep {
		put(t, filepath.Join(dir, name), "x\n")
	}
	for _, ext := range []string{"", ".gz", ".zst"} {
		put(t, filepath.Join(dir, ".out-0001-00000001-000.txt"+ext+".pending"), "")
	}
	if err := lineSink(filepath.Join(dir, "out")).Recover(); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(keep)
	if slices.Sort(got); !slices.Equal(got, keep) {
		t.Errorf("left are %q, want %q", got, keep)
	}
}

func TestPackedOutput(t *testing.T) {
	for name, unpack := range map[string]func(io.Reader) (io.Reader, error){
		"out.txt.gz":  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"out.txt.zst": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
	} {
		dir := t.TempDir()
		s := lineSink(filepath.Join(dir, name))
		commitOne(t, s, mustOpen(t, s, place(1, 0)), 1, "a", "b")
		f, err := os.Open(filepath.Join(dir, strings.Replace(name, ".", "-0001-00000001-000.", 1)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := unpack(f)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "a\nb\n" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		f.Close()
	}
}

func TestCloseDiscards(t *testing.T) {
	dir := t.TempDir()
	s := lineSink(filepath.Join(dir, "new", "deep", "out"))
	w := mustOpen(t, s, place(1, 0))
	if p, err := w.Prepare(1); p != nil || err != nil {
		t.Errorf("Prepare of nothing: %v, %v", p, err)
	}
	if err := errors.Join(w.Write(batchOf("a")), w.Close()); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "new", "deep")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	s := lineSink(filepath.Join(put(t, filepath.Join(dir, "plain"), ""), "out"))
	if _, err := s.Open(place(1, 0)); err == nil || !strings.Contains(err.Error(), `step "out"`) {
		t.Errorf("a file for a directory: %v", err)
	}
	s = lineSink(filepath.Join(dir, "out"))
	err := mustOpen(t, s, place(1, 0)).Write(batchOf("ok", "two\nlines"))
	if err == nil || !strings.Contains(err.Error(), `two\nlines`) {
		t.Errorf("a line end within a line: %v", err)
	}
	j := newSink("out", filepath.Join(dir, "j"), ".jsonl", newJSONEncoder[float64])
	err = mustOpen(t, j, place(1, 0)).Write(batchOf(1, math.NaN()))
	if err == nil || !strings.Contains(err.Error(), "NaN") || !strings.Contains(err.Error(), `"out"`) {
		t.Errorf("NaN as JSON: %v", err)
	}
}

func TestStandardOutput(t *testing.T) {
	var out strings.Builder
	s := newSink("out", standard, ".jsonl", newJSONEncoder[map[string]any])
	s.stdout = &out
	if s.Delivery() != operator.AtLeastOnce {
		t.Error("standard output is said to be transactional")
	}
	w := mustOpen(t, s, place(1, 0))
	err := w.Write(batchOf(map[string]any{"b": "<&>", "a": 1.5}, map[string]any{"t": time.Unix(0, 1).UTC()}))
	want := "{\"a\":1.5,\"b\":\"<&>\"}\n{\"t\":\"1970-01-01T00:00:00.000000001Z\"}\n"
	if err != nil || out.String() != want {
		t.Errorf("got %q, %v, want %q", out.String(), err, want)
	}
}

type everything struct {
	Name  string
	Quote string `csv:"the quote"`
	At    time.Time
	Day   time.Time `layout:"2006-01-02"`
	I     int8
	U     uint64
	F     float64
	G     float32
	OK    bool
	Skip  chan int `csv:"-"`
	Inner struct{ A, B int }
}

func TestCSVComesBack(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC)
	want := []everything{
		{Name: "a", Quote: `say "hi", x`, At: at, Day: at.Truncate(24 * time.Hour), I: -128,
			U: math.MaxUint64, F: 1e-9, G: 1.1, OK: true, Inner: struct{ A, B int }{1, 2}},
		{Name: " lead", Quote: "", At: at, Day: at.Truncate(24 * time.Hour), F: 1e300},
	}
	columns, err := columnsOf(reflect.TypeFor[everything](), marshalerType)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := newSink("out", filepath.Join(dir, "out"), ".csv", newCSVEncoder[everything](columns))
	commitOne(t, s, mustOpen(t, s, place(1, 0)), 1, want...)
	path := filepath.Join(dir, "out-0001-00000001-000.csv")
	got, err := readAll(t, csvSource[everything](t, path), 1<<30)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	f, _ := os.Open(path)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || rows[0][1] != "the quote" || rows[0][10] != "Inner.B" || rows[1][6] != "1e-9" {
		t.Errorf("encoding/csv reads %q, %v", rows, err)
	}
}

func FuzzToken(f *testing.F) {
	f.Add([]byte(`{"Pending":".out-0001-00000001-000.txt.pending","Final":"out-0001-00000001-000.txt"}`))
	f.Add([]byte(`{"Pending":"../x","Final":"/etc/passwd","Size":-1}`))
	f.Add([]byte(`[]`))
	f.Add([]byte(`[{"Dir":"a/../..","Pending":".out-0001-00000001-000.txt.pending",` +
		`"Final":"out-0001-00000001-000.txt"}]`))
	dir := f.TempDir()
	put(f, filepath.Join(dir, "mine"), "mine\n")
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range []*sink[string]{lineSink(filepath.Join(dir, "out")), partitioned(dir, head)} {
			if err := s.Commit(b); err == nil {
				t.Errorf("garbage was committed: %q", b)
			}
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("%q changed the directory: %v", b, entries)
		}
	})
}
