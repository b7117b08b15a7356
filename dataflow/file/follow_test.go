package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// errScript ends a reader whose script has no more to do.
var errScript = errors.New("end of script")

// script is a pulse that changes files whenever a reader waits for one to
// change, in virtual time.
type script struct {
	steps []func()
	clock time.Time
}

func (s *script) wait(context.Context) error {
	if len(s.steps) == 0 {
		return errScript
	}
	s.steps[0]()
	s.steps = s.steps[1:]
	s.clock = s.clock.Add(time.Second)
	return nil
}

func (s *script) now() time.Time { return s.clock }
func (s *script) close() error   { return nil }

func following(path string, steps ...func()) *source[string, string] {
	s := lineSource(path)
	s.cfg.follow = true
	plan := &script{steps: steps}
	s.pulse = func(string) pulse { return plan }
	return s
}

// story reads one split until the script or the split ends.
func story(t *testing.T, s *source[string, string], split operator.Split, offset []byte,
) (got []string, next []byte, ended bool) {
	t.Helper()
	got, next, err := readSplit(t, s, split, offset, 1<<30)
	if !errors.Is(err, errScript) && !errors.Is(err, io.EOF) {
		t.Fatalf("read split %q: %v", split.ID, err)
	}
	return got, next, errors.Is(err, io.EOF)
}

func splitsOf(t *testing.T, s *source[string, string], want int) []operator.Split {
	t.Helper()
	splits, err := s.Splits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(splits) != want {
		t.Fatalf("%d splits, want %d", len(splits), want)
	}
	return splits
}

func add(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	f.Close()
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFollowGrowth(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	s := following(path,
		func() { add(t, path, "art\nthi") },
		func() {},
		func() { add(t, path, "rd\n") },
	)
	splitsOf(t, s, 0) // no file yet
	add(t, path, "fir")
	splitsOf(t, s, 0) // no record yet
	add(t, path, "st\na p")
	split := splitsOf(t, s, 1)[0]
	got, _, ended := story(t, s, split, nil)
	wantLines(t, got, "first", "a part", "third")
	if ended || !s.Grows() {
		t.Error("a file that is followed has ended")
	}
	if again := splitsOf(t, s, 1)[0]; again.ID != split.ID {
		t.Error("a file has another identity after it has grown")
	}
}

func TestFollowRename(t *testing.T) {
	dir := t.TempDir()
	path, old := filepath.Join(dir, "log"), filepath.Join(dir, "log.1")
	s := following(path,
		func() { os.Rename(path, old) },
		func() { add(t, old, "late") },
		func() { add(t, path, "new\n") },
		func() { add(t, old, "r\n") },
		func() {}, func() {}, func() {}, func() {}, func() {},
	)
	s.cfg.settle = 4 * time.Second
	add(t, path, "old\n")
	split := splitsOf(t, s, 1)[0]
	got, offset, ended := story(t, s, split, nil)
	wantLines(t, got, "old", "later")
	if !ended {
		t.Error("the renamed file has not ended")
	}
	newer := splitsOf(t, s, 1)[0]
	if newer.ID == split.ID {
		t.Fatal("the new file has the old one's identity")
	}
	got, _, _ = story(t, s, newer, nil)
	wantLines(t, got, "new")

	// After a restart the renamed file is found by its inode.
	add(t, old, "after\n")
	got, _, _ = story(t, following(path), split, offset)
	wantLines(t, got, "after")
	os.Remove(old)
	_, err := s.Open(t.Context(), split, offset)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("the file is gone: %v", err)
	}
}

func TestFollowRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	add(t, path, "a\n")
	held, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	s := following(path, func() { held.WriteString("b\nc"); os.Remove(path) })
	got, _, ended := story(t, s, splitsOf(t, s, 1)[0], nil)
	wantLines(t, got, "a", "b", "c")
	if !ended {
		t.Error("the removed file has not ended")
	}
}

// emptied copies a file and empties it, as copytruncate does.
func emptied(t *testing.T, path, backup string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = errors.Join(os.WriteFile(backup, text, 0o666), os.Truncate(path, 0))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestFollowCopyTruncate(t *testing.T) {
	for name, again := range map[string]string{"other": "x\n", "same first record": "a\n"} {
		path := filepath.Join(t.TempDir(), "log")
		s := following(path,
			func() { add(t, path, "tail\npart") },
			func() { add(t, path, "ial\nmore\n"); emptied(t, path, path+".1") },
			func() {},
			func() { add(t, path, again+strings.Repeat("long\n", 10)) },
		)
		add(t, path, "a\n")
		split := splitsOf(t, s, 1)[0]
		got, offset, ended := story(t, s, split, nil)
		want := []string{"a", "tail", "partial", "more"}
		longs := slices.Repeat([]string{"long"}, 10)
		if again == "a\n" {
			want = append(append(want, "a"), longs...)
		}
		wantLines(t, got, want...)
		next := splitsOf(t, s, 1)[0]
		if same := next.ID == split.ID; same == ended {
			t.Errorf("%s: ended is %v, but the identity is the same: %v", name, ended, same)
		}
		if ended {
			got, _, _ = story(t, s, next, nil)
			wantLines(t, got, append([]string{"x"}, longs...)...)
		} else {
			got, _, _ = story(t, s, next, offset)
			wantLines(t, got)
		}
	}
}

func TestFollowCopyTruncateWhileDown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	s := following(path)
	add(t, path, "a\nb\n")
	split := splitsOf(t, s, 1)[0]
	_, offset, _ := story(t, s, split, nil)
	add(t, path, "c\n")
	emptied(t, path, path+".1")
	add(t, path, "d\nnow as long as ever\n")
	s = following(path)
	got, _, ended := story(t, s, split, offset)
	wantLines(t, got, "c")
	if !ended {
		t.Error("the emptied file has not ended")
	}
	got, _, _ = story(t, s, splitsOf(t, s, 1)[0], nil)
	wantLines(t, got, "d", "now as long as ever")
}

func TestFollowDirectory(t *testing.T) {
	dir := t.TempDir()
	s := following(filepath.Join(dir, "*.log*"))
	add(t, filepath.Join(dir, "a.log"), "a\n")
	first := splitsOf(t, s, 1)[0]
	add(t, filepath.Join(dir, "b.log"), "b\n")
	os.Rename(filepath.Join(dir, "a.log"), filepath.Join(dir, "a.log.1"))
	add(t, filepath.Join(dir, "a.log"), "a again\n")
	put(t, filepath.Join(dir, "z.log.gz"), gzipped("packed\n"))
	var ids []string
	for _, s := range splitsOf(t, s, 3) {
		ids = append(ids, s.ID)
	}
	if slices.Index(ids, first.ID) != 1 {
		t.Errorf("the renamed file is not among the splits: %q", ids)
	}
}

func TestFollowCSV(t *testing.T) {
	type row struct{ A, B int }
	path := filepath.Join(t.TempDir(), "log")
	s := csvSource[row](t, path)
	s.cfg.follow = true
	s.pulse = func(string) pulse {
		return &script{steps: []func(){
			func() { emptied(t, path, path+".1") },
			func() { add(t, path, "b,a\n1,2\n5,6\n") },
		}}
	}
	add(t, path, "b,a\n1,2\n")
	splits, err := s.Splits(t.Context())
	if err != nil || len(splits) != 1 {
		t.Fatal(splits, err)
	}
	got, offset, err := readSplit(t, s, splits[0], nil, 1<<30)
	if want := []row{{2, 1}, {2, 1}, {6, 5}}; !errors.Is(err, errScript) || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	s.pulse = func(string) pulse { return &script{} }
	if got, _, _ = readSplit(t, s, splits[0], offset, 1<<30); len(got) > 0 {
		t.Errorf("read again after a restart: %v", got)
	}
}

// TestFollowRandomly writes numbered lines to a log that is rotated both ways
// at any time, while readers come and go: every line arrives once.
func TestFollowRandomly(t *testing.T) {
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 3))
		path := filepath.Join(t.TempDir(), "log")
		written, rotated := 0, 0
		act := func() {
			switch r.IntN(10) {
			case 0:
				rotated++
				os.Rename(path, fmt.Sprintf("%s.%d", path, rotated))
			case 1:
				if _, err := os.Stat(path); err == nil {
					rotated++
					emptied(t, path, fmt.Sprintf("%s.%d", path, rotated))
				}
			default:
				for range r.IntN(4) {
					add(t, path, fmt.Sprintf("%d %s\n", written, strings.Repeat("z", r.IntN(90))))
					written++
				}
			}
		}
		got := followRandomly(t, r, path, act)
		seen := map[string]int{}
		for _, line := range got {
			n, _, _ := strings.Cut(line, " ")
			seen[n]++
		}
		for i := range written {
			if n := seen[fmt.Sprint(i)]; n != 1 {
				t.Fatalf("seed %d: line %d of %d was read %d times", seed, i, written, n)
			}
		}
	}
}

type progressOf struct {
	split  operator.Split
	offset []byte
	done   bool
}

// followRandomly lets act change the log at will, except that every file is
// seen by a listing before it is rotated away, and returns what was read.
func followRandomly(t *testing.T, r *rand.Rand, path string, act func()) (got []string) {
	var known []*progressOf
	list := func(s *source[string, string]) {
		splits, err := s.Splits(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, split := range splits {
			if !slices.ContainsFunc(known, func(p *progressOf) bool { return p.split.ID == split.ID }) {
				known = append(known, &progressOf{split: split})
			}
		}
	}
	for range 30 {
		act()
		list(following(path))
		for _, p := range known {
			if p.done || r.IntN(3) == 0 {
				continue
			}
			var steps []func()
			for range r.IntN(4) {
				steps = append(steps, func() { act(); list(following(path)) })
			}
			s := following(path, steps...)
			s.cfg.settle = time.Hour
			lines, offset, ended := story(t, s, p.split, p.offset)
			got, p.offset, p.done = append(got, lines...), offset, ended
		}
	}
	list(following(path))
	for range 2 {
		for _, p := range known {
			if !p.done {
				lines, offset, ended := story(t, following(path), p.split, p.offset)
				got, p.offset, p.done = append(got, lines...), offset, ended
			}
		}
		list(following(path))
	}
	return got
}

// TestWatched follows a file with the pulse of real runs.
func TestWatched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	add(t, path, "a\n")
	s := lineSource(path)
	s.cfg.follow = true
	r, err := s.Open(t.Context(), splitsOf(t, s, 1)[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pool := operator.NewPool[string]()
	read := func(ctx context.Context, r dataflow.Reader[string]) ([]string, error) {
		b := pool.Get()
		err := r.Read(ctx, b)
		return b.Values, err
	}
	if got, err := read(t.Context(), r); err != nil || !slices.Equal(got, []string{"a"}) {
		t.Fatalf("got %q, %v", got, err)
	}
	done := make(chan error)
	go func() {
		got, err := read(t.Context(), r)
		if !slices.Equal(got, []string{"b"}) {
			err = fmt.Errorf("got %q, %w", got, err)
		}
		done <- err
	}()
	add(t, path, "b\n")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, err := read(ctx, r); done <- err }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}
