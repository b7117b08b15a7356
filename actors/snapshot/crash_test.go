package snapshot

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const crashDirEnv = "FLYBALL_SNAPSHOT_CRASH_DIR"

// TestCrashChild is the process that TestCrash kills: it writes checkpoints from two tasks and
// says on standard output what it has begun and what is published.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDirEnv)
	if dir == "" {
		t.Skip("run by TestCrash")
	}
	s := openTest(t, dir)
	m, _, err := s.Latest()
	if err != nil {
		t.Fatal(err)
	}
	o := begin(t, s)
	current := map[int]Ref{}
	if m != nil {
		m.refs(func(r Ref) { current[int(r.KeyGroup)] = r })
	}
	for id := s.NextCheckpoint(); ; id++ {
		if id%5 == 0 {
			o.write(t, id, 5000, 1, 2, 3) // and never published
			continue
		}
		crashStep(t, o, id, current)
		fmt.Fprintf(os.Stdout, "published %d\n", id)
		if err := s.Collect(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// crashStep publishes a checkpoint in which two tasks have written a third of the groups.
func crashStep(t *testing.T, o owned, id uint64, current map[int]Ref) {
	parts := make([][]Ref, 2)
	var tasks sync.WaitGroup
	for i := range parts {
		tasks.Go(func() {
			var groups []int
			for g := i; g < 64; g += 2 {
				if (uint64(g)+id)%3 == 0 || len(current) == 0 {
					groups = append(groups, g)
				}
			}
			parts[i] = o.write(t, id, 3000+int(id%7)*2000, groups...)
		})
	}
	tasks.Wait()
	for _, r := range append(parts[0], parts[1]...) {
		current[int(r.KeyGroup)] = r
	}
	var refs []Ref
	for g := range 64 {
		refs = append(refs, current[g])
	}
	fmt.Fprintf(os.Stdout, "begun %d\n", id)
	o.publish(t, id, refs)
}

// TestCrash kills a process that writes checkpoints, again and again in one directory.
func TestCrash(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	dir := t.TempDir()
	var published, begun uint64
	for round := range rounds {
		last, started := runAndKill(t, dir)
		published, begun = max(published, last), max(begun, started)
		s, err := Open(testConfig(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		m := latest(t, s)
		if m == nil && published > 0 || m != nil && m.ID < published {
			t.Fatalf("round %d: Latest is %+v, and checkpoint %d was published", round, m, published)
		}
		if m != nil {
			published = m.ID
			checkWhole(t, s, m)
			if n := len(m.Tasks[0].States[0].Segments); n != 64 {
				t.Errorf("round %d: checkpoint %d has %d segments, want 64", round, m.ID, n)
			}
		}
		if n := s.NextCheckpoint(); n <= begun {
			t.Errorf("round %d: NextCheckpoint is %d, and %d was begun", round, n, begun)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d rounds, %d checkpoints", rounds, published)
	if published == 0 {
		t.Error("no checkpoint was published in any round")
	}
}

// runAndKill runs the child for a random while and returns the last checkpoints it has published
// and begun.
func runAndKill(t *testing.T, dir string) (published, begun uint64) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(50+rand.IntN(600))*time.Millisecond)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), crashDirEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var other []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var word string
		var id uint64
		if n, _ := fmt.Sscan(lines.Text(), &word, &id); n == 2 && word == "published" {
			published = id
		} else if n == 2 && word == "begun" {
			begun = id
		} else {
			other = append(other, lines.Text())
		}
	}
	_ = cmd.Wait() // it was killed
	if ctx.Err() == nil {
		t.Fatalf("the child ended by itself:\n%s", strings.Join(other, "\n"))
	}
	return published, begun
}

// TestCrashWhileRecovering opens a directory in which a recovery was cut off
// right after Badger had made the next value log, still empty.
func TestCrashWhileRecovering(t *testing.T) {
	from, dir := t.TempDir(), filepath.Join(t.TempDir(), "state")
	s := openTest(t, from)
	fillForDamage(t, s)
	copyAlive(t, dir, from)
	heads, err := filepath.Glob(filepath.Join(dir, volumePrefix+"*", headName))
	if err != nil || len(heads) == 0 {
		t.Fatalf("got %d volumes and error %v, want some", len(heads), err)
	}
	last := filepath.Dir(heads[len(heads)-1])
	if err := os.WriteFile(filepath.Join(last, "000002.vlog"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dir)
	m := latest(t, s)
	if m == nil || m.ID != 6 {
		t.Fatalf("got %+v, want checkpoint 6", m)
	}
	checkWhole(t, s, m)
}

// copyAlive copies the directory of an open store: what a crash would leave.
// The store seals volumes in the background meanwhile, so a copy counts only
// if the names and sizes of all files were the same before and after it.
func copyAlive(t testing.TB, to, from string) {
	t.Helper()
	for range 1000 {
		before, err := listing(from)
		if err == nil {
			err = os.CopyFS(to, os.DirFS(from))
		}
		after, err2 := listing(from)
		if err = errors.Join(err, err2); err == nil && slices.Equal(before, after) {
			return
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("%s has changed under each of 1000 copies", from)
}

// listing is the path and size of every file below dir.
func listing(dir string) (files []string, err error) {
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			files = append(files, fmt.Sprint(path, " ", info.Size()))
		}
		return err
	})
	return files, err
}
