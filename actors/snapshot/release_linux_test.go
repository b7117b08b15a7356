package snapshot

import (
	"bufio"
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mappedKiB is how much of a file the page tables of this process refer to.
func mappedKiB(t *testing.T, path string) (kib int) {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	lines, of := bufio.NewScanner(f), false
	for lines.Scan() {
		switch words := strings.Fields(lines.Text()); {
		case !strings.HasSuffix(words[0], ":"):
			of = strings.HasSuffix(lines.Text(), " "+path)
		case of && words[0] == "Rss:":
			n, err := strconv.Atoi(words[1])
			if err != nil {
				t.Fatal(err)
			}
			kib += n
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return kib
}

// TestRelease takes a value log out of the page tables: what was written to it must stay, and what
// is written afterwards must arrive.
func TestRelease(t *testing.T) {
	const size, n = 100_000, 10
	dir := filepath.Join(t.TempDir(), "a directory")
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	v, err := createVolume(dir, 4<<20, minMemtable, log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := v.remove(); err != nil {
			t.Error(err)
		}
	}()
	put := func(i int) {
		r := record{[]byte{byte(i)}, content(1, i, size)}
		if _, err := v.commit([]record{r}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		put(i)
	}
	file := filepath.Join(dir, firstLog)
	if was := mappedKiB(t, file); was < n*size>>10 {
		t.Fatalf("%d KiB of the log are mapped; want all that was written", was)
	}
	v.release()
	if now := mappedKiB(t, file); now != 0 {
		t.Errorf("%d KiB of the log are still mapped", now)
	}
	put(n)
	if err := v.sync(v.commits); err != nil {
		t.Fatal(err)
	}
	onDisk, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n + 1 {
		want := content(1, i, size)
		got, err := v.get([]byte{byte(i)}, nil)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("record %d: %d bytes, error %v; want the %d that were written", i, len(got), err, size)
		}
		if !bytes.Contains(onDisk, want) {
			t.Errorf("record %d is not in the file", i)
		}
	}
}
