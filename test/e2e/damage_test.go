package e2e

import (
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

var flips = flag.Int("damage.n", 200, "how many bits TestFlippedBits flips; 10 with -short")

// wreck is a copy of the state and output of a flow that was killed.
type wreck struct {
	child
	dir   string
	files []string // of the state directory, relative to it, that have content
}

// wreckOf copies what half has left.
func wreckOf(t *testing.T, c child) wreck {
	t.Helper()
	w := wreck{c, t.TempDir(), nil}
	w.State, w.Out = filepath.Join(w.dir, "state"), filepath.Join(w.dir, "out")
	for from, to := range map[string]string{c.State: w.State, c.Out: w.Out} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(w.State, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if info, err := e.Info(); err != nil || info.Size() == 0 {
			return err
		}
		rel, err := filepath.Rel(w.State, path)
		w.files = append(w.files, rel)
		return err
	})
	if err != nil || len(w.files) == 0 {
		t.Fatalf("state directory: got %d files and error %v, want some", len(w.files), err)
	}
	return w
}

// edit changes one file of the state.
func (w wreck) edit(t *testing.T, name string, change func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(w.State, name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// verdict is what became of a wreck.
type verdict string

const (
	unharmed  verdict = "went on as if nothing had happened"
	recovered verdict = "went on from an earlier checkpoint"
	refused   verdict = "refused"
)

// judge runs a wreck. It must end with the right output or refuse to run; in
// either case what can be seen is right as far as it goes.
func (w wreck) judge(t *testing.T, in input) verdict {
	t.Helper()
	before := in.want.look(t, w.Out)
	p := run(t, w.child)
	if p.Killed {
		t.Fatal("the child was killed")
	}
	in.want.look(t, w.Out).covers(t, before)
	switch {
	case p.Err != "":
		t.Logf("refused: %s", p.Err)
		return refused
	case len(p.Damaged) > 0:
		in.want.check(t, w.Out)
		t.Logf("recovered: %q", p.Damaged)
		return recovered
	}
	in.want.check(t, w.Out)
	return unharmed
}

// TestFlippedBits flips one bit of the state at a time.
func TestFlippedBits(t *testing.T) {
	n := *flips
	if testing.Short() {
		n = min(n, 10)
	}
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	rnd := rand.New(rand.NewPCG(*crashSeed, 2))
	verdicts := map[verdict]int{}
	for range n {
		w := wreckOf(t, c)
		name := w.files[rnd.IntN(len(w.files))]
		var at, size int
		var bit byte = 1 << rnd.IntN(8)
		w.edit(t, name, func(b []byte) []byte {
			size = len(b)
			at = rnd.IntN(size)
			if rnd.IntN(2) == 0 { // the beginnings of files are where most is
				at = rnd.IntN(min(size, 4<<10))
			}
			b[at] ^= bit
			return b
		})
		v := w.judge(t, in)
		verdicts[v]++
		if t.Failed() {
			t.Fatalf("after bit %#x of byte %d of %d of %s was flipped", bit, at, size, name)
		}
		if err := os.RemoveAll(w.dir); err != nil {
			t.Fatal(err)
		}
	}
	for v, k := range verdicts {
		t.Logf("%3d %s", k, v)
	}
}

// TestTornFiles cuts, empties and removes each file of the state in turn, and
// puts a directory in its place.
func TestTornFiles(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	for _, name := range wreckOf(t, c).files {
		for how, harm := range map[string]func(path string, size int64) error{
			"half":    func(path string, size int64) error { return os.Truncate(path, size/2) },
			"empty":   func(path string, _ int64) error { return os.Truncate(path, 0) },
			"removed": func(path string, _ int64) error { return os.Remove(path) },
			"a directory": func(path string, _ int64) error {
				if err := os.Remove(path); err != nil {
					return err
				}
				return os.Mkdir(path, 0o777)
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				w := wreckOf(t, c)
				path := filepath.Join(w.State, name)
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := harm(path, info.Size()); err != nil {
					t.Fatal(err)
				}
				w.judge(t, in)
			})
		}
	}
}

// TestStateUnreadable takes away the right to read each file in turn.
func TestStateUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	for _, name := range wreckOf(t, c).files {
		t.Run(name, func(t *testing.T) {
			w := wreckOf(t, c)
			if err := os.Chmod(filepath.Join(w.State, name), 0); err != nil {
				t.Fatal(err)
			}
			w.judge(t, in)
		})
	}
}

// TestGoesBack restores an earlier checkpoint than the latest: not while the
// output of later ones is there, and with the right output once it is not.
func TestGoesBack(t *testing.T) {
	in := newInput(t, faultFlights, false)
	c := half(t, in)
	c.From = 3
	mustFail(t, c, ` out"`, c.Out, "move away all files of checkpoints after 3")
	in.want.look(t, c.Out)
	moved := 0
	for _, kind := range []string{"hourly", "day=*/daily out"} {
		files, err := filepath.Glob(filepath.Join(c.Out, kind+"-*-00000004-*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			moved++
			if err := os.Rename(f, filepath.Join(t.TempDir(), filepath.Base(f))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if moved == 0 {
		t.Error("output of checkpoint 4: got no file, want some")
	}
	mustEnd(t, c)
	in.want.check(t, c.Out)
}
