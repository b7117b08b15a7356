package file

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
)

// partitioned is a sink of lines to as many directories as partition names,
// with two files open at a time.
func partitioned(dir string, partition func(string) string) *sink[string] {
	s := newSink("out", dir+"/", ".txt", newLineEncoder)
	s.partition, s.cfg.openFiles = partition, 2
	return s
}

// head is the part of a line up to its last slash.
func head(line string) string { return line[:strings.LastIndexByte(line, '/')+1] }

func TestPartitions(t *testing.T) {
	dir := t.TempDir()
	s := partitioned(dir, head)
	w := mustOpen(t, s, place(1, 0))
	lines := []string{"dt=1/hm=1/a", "top", "dt=1/hm=2/b", "dt=2/hm=1/c", "dt=1//hm=1/d", "dt=1/hm=1/e"}
	if err := w.Write(batchOf(lines...)); err != nil {
		t.Fatal(err)
	}
	p, err := w.Prepare(3)
	if err != nil {
		t.Fatal(err)
	}
	token, err := p.Persist()
	if err != nil {
		t.Fatal(err)
	}
	for name := range tree(t, dir) {
		if !strings.HasPrefix(name, ".") || strings.Contains(name, "/") {
			t.Errorf("before the commit there is %q, want hidden files only", name)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 4 {
		t.Errorf("before the commit there are %v, want four files and no directory", entries)
	}
	if err := s.Commit(token); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"dt=1/hm=1/out-0001-00000003-000.txt": "dt=1/hm=1/a\ndt=1//hm=1/d\ndt=1/hm=1/e\n",
		"dt=1/hm=2/out-0001-00000003-000.txt": "dt=1/hm=2/b\n",
		"dt=2/hm=1/out-0001-00000003-000.txt": "dt=2/hm=1/c\n",
		"out-0001-00000003-000.txt":           "top\n",
	}
	if got := tree(t, dir); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	at := place(2, 1)
	at.Restored = 2
	if _, err := s.Open(at); err == nil || !strings.Contains(err.Error(), "dt=1/hm=1/out-0001") {
		t.Errorf("a run from checkpoint 2 beside files of 3: got %v, want an error with a file", err)
	}
}

// TestTokensStayBelow commits tokens that name directories which no partition
// can have: nothing may appear anywhere.
func TestTokensStayBelow(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "out")
	for _, c := range []struct {
		sink *sink[string]
		dir  string
	}{
		{partitioned(dir, head), ".."}, {partitioned(dir, head), "a/../../b"},
		{partitioned(dir, head), "/a"}, {partitioned(dir, head), ".a"},
		{lineSink(filepath.Join(dir, "out")), "a"},
	} {
		w := mustOpen(t, c.sink, place(1, 0))
		if err := w.Write(batchOf("line")); err != nil {
			t.Fatal(err)
		}
		p, _ := w.Prepare(1)
		good, err := p.Persist()
		if err != nil {
			t.Fatal(err)
		}
		bad := strings.Replace(string(good), "{", fmt.Sprintf(`{"Dir":%q,`, c.dir), 1)
		if err := c.sink.Commit([]byte(bad)); err == nil || !strings.Contains(err.Error(), "corrupt") {
			t.Errorf("directory %q: got %v, want the token refused", c.dir, err)
		}
		if got := tree(t, above); len(got) != 1 {
			t.Errorf("directory %q: there are %v, want the hidden file", c.dir, got)
		}
		if err := c.sink.Recover(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestManyPartitions writes to more files than are open, plain and packed, and
// finds the lines of each in order.
func TestManyPartitions(t *testing.T) {
	for _, packing := range []Compression{Plain, Gzip, Zstd} {
		dir := t.TempDir()
		r := rand.New(rand.NewPCG(uint64(packing), 9))
		s := partitioned(dir, head)
		s.cfg.packing = packing
		w := mustOpen(t, s, place(1, 0)).(*writer[string])
		want := map[string][]string{}
		write := func() {
			var lines []string
			for range 50 {
				line := fmt.Sprintf("p=%d/%d", r.IntN(20), r.IntN(1e9))
				want[head(line)] = append(want[head(line)], line)
				lines = append(lines, line)
			}
			if err := w.Write(batchOf(lines...)); err != nil {
				t.Fatal(err)
			}
			open := 0
			for _, p := range w.open.parts {
				if p.f != nil {
					open++
				}
			}
			if open != 2 {
				t.Errorf("%d files are open, want 2", open)
			}
		}
		write()
		commitOne(t, s, w, 1, "p=0/last")
		want["p=0/"] = append(want["p=0/"], "p=0/last")
		write()
		commitOne(t, s, w, 2, "p=7/last")
		want["p=7/"] = append(want["p=7/"], "p=7/last")
		for p, lines := range want {
			got, err := readAll(t, lineSource(filepath.Join(dir, p)), 1<<30)
			if err != nil || !slices.Equal(got, lines) {
				t.Errorf("packing %d, %s: got %v, %v, want %v", packing, p, got, err, lines)
			}
		}
	}
}

func TestPartitionErrors(t *testing.T) {
	n := 0
	for name, c := range map[string]struct {
		partition func(string) string
		want      string
	}{
		"long element": {func(string) string { return "a/" + strings.Repeat("b", 256) }, "too long"},
		"long name":    {func(string) string { return strings.Repeat("dir/", 257) }, "too long"},
		"escaped":      {func(string) string { return strings.Repeat("%", 100) }, "too long"},
		"panic":        {func(string) string { panic("no name") }, "no name"},
		"too many":     {func(string) string { n++; return fmt.Sprint(n) }, "more than 4096 partitions"},
	} {
		s := partitioned(t.TempDir(), c.partition)
		w := mustOpen(t, s, place(1, 0))
		var err error
		for i := 0; i < 50 && err == nil; i++ {
			err = w.Write(batchOf(slices.Repeat([]string{"the record"}, 100)...))
		}
		if err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "the record") {
			t.Errorf("%s: error %v does not say %q with the record", name, err, c.want)
		}
		if err := w.Close(); err != nil || len(tree(t, s.dir)) > 0 {
			t.Errorf("%s: after Close there are %d files, %v, want none", name, len(tree(t, s.dir)), err)
		}
	}
}

func TestPartitionNames(t *testing.T) {
	for name, want := range map[string]string{
		"":                "",
		"dt=2015-07-15":   "dt=2015-07-15",
		"a/b":             "a/b",
		"/etc//passwd/":   "etc/passwd",
		"..":              "%2E.",
		"../../x":         "%2E./%2E./x",
		"a/./.b/c.d":      "a/%2E/%2Eb/c.d",
		"50%/a\\b\x00\n":  "50%25/a%5Cb%00%0A",
		"caf\u00e9/\xff.": "caf\u00e9/%FF.",
	} {
		if got, err := partitionDir(name); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", name, got, err, want)
		}
	}
	for _, dir := range []string{"..", "a/../b", "/a", "a/", "a//b", ".a", "a\x00", "\xff", `a\b`,
		strings.Repeat("a", 256)} {
		if isPartitionDir(dir) {
			t.Errorf("%q is taken for the directory of a partition", dir)
		}
	}
}

func FuzzPartition(f *testing.F) {
	for _, seed := range []string{"dt=1/hm=2", "../..", "/", "%2e%2e/\\..", "\xff\x00", "...//.a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		dir, err := partitionDir(name)
		if err != nil {
			return
		}
		if dir != "" && (!filepath.IsLocal(dir) || !isPartitionDir(dir)) {
			t.Errorf("%q leads to %q", name, dir)
		}
		var elements []string
		for e := range strings.SplitSeq(name, "/") {
			if e != "" {
				elements = append(elements, e)
			}
		}
		for i, e := range strings.Split(dir, "/") {
			back, err := url.PathUnescape(e)
			if strings.HasPrefix(e, ".") || err != nil || dir != "" && back != elements[i] {
				t.Errorf("%q: element %q is %q again, %v", name, e, back, err)
			}
		}
	})
}

func TestPartitionMistakes(t *testing.T) {
	same := func(s string) string { return s }
	for name, c := range map[string]struct {
		write func(s dataflow.Stream[string])
		want  string
	}{
		"stdout": {func(s dataflow.Stream[string]) { WriteJSONTo(s, "out", "-", same) }, "not a directory"},
		"no dir": {func(s dataflow.Stream[string]) { WriteJSONTo(s, "out", "", same) }, "not a directory"},
		"no function": {func(s dataflow.Stream[string]) { WriteJSONTo(s, "out", "d", nil) },
			"names partitions is nil"},
		"step": {func(s dataflow.Stream[string]) { WriteJSONTo(s, "a/b", "d", same) }, "a slash"},
		"no files": {func(s dataflow.Stream[string]) { WriteJSONTo(s, "out", "d", same, OpenFiles(0)) },
			"file.OpenFiles"},
	} {
		flow := dataflow.Define("f", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
			c.write(ReadLines(g, "in", "p"))
		})
		_, err := flow.Build(&struct{}{})
		if err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "partition_test.go") {
			t.Errorf("%s: error %v does not say %q with the line", name, err, c.want)
		}
	}
}
