package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// volume mounts a file system in memory of a few KiB and returns where it is.
func volume(t *testing.T, kib int) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root may mount")
	}
	dir := t.TempDir()
	if out, err := mount(dir, "size=%dk", kib); err != nil {
		t.Skipf("mount: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("unmount: %v: %s", err, out)
		}
	})
	return dir
}

func mount(dir, options string, args ...any) ([]byte, error) {
	options = fmt.Sprintf(options, args...)
	return exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput()
}

// enlarge gives a volume room.
func enlarge(t *testing.T, dir string) {
	t.Helper()
	if out, err := mount(dir, "remount,size=512m"); err != nil {
		t.Fatalf("enlarge: %v: %s", err, out)
	}
}

// TestOutputVolumeFull lets the output fill its volume, then makes room.
func TestOutputVolumeFull(t *testing.T) {
	in := newInput(t, 100_000, false)
	out := volume(t, 300)
	c := child{
		In: in.path, Out: filepath.Join(out, "out"), State: filepath.Join(t.TempDir(), "state"),
		Parallelism: 2, Split: 512 << 10, Rate: 100_000, Interval: 50 * time.Millisecond,
	}
	mustFail(t, c, ` out"`, c.Out, "free space")
	in.want.look(t, c.Out)
	enlarge(t, out)
	c.Rate = 0
	mustEnd(t, c)
	in.want.check(t, c.Out)
}

// TestStateVolumeFull does the same to the state, for volumes that are too
// small from the start and for some that fill up later.
func TestStateVolumeFull(t *testing.T) {
	in := newInput(t, 50_000, false)
	for _, mib := range []int{1, 8, 24, 40, 48} {
		t.Run(fmt.Sprint(mib), func(t *testing.T) {
			dir := volume(t, mib<<10)
			c := child{
				In: in.path, Out: filepath.Join(t.TempDir(), "out"), State: filepath.Join(dir, "state"),
				Parallelism: 2, Split: 512 << 10, Rate: 50_000, Interval: 20 * time.Millisecond,
			}
			p := run(t, c)
			if p.Err != "" && !strings.Contains(p.Err, "no space left") {
				t.Errorf("child: got error %q, want no space", p.Err)
			}
			t.Logf("%d checkpoints, then %q", p.Checkpoints, p.Err)
			in.want.look(t, c.Out)
			enlarge(t, dir)
			c.Rate = 0
			mustEnd(t, c)
			in.want.check(t, c.Out)
		})
	}
}
