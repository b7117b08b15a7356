package snapshot

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

const fileSizeDirEnv = "FLYBALL_SNAPSHOT_FILE_SIZE_DIR"

// TestFileSizeLimit runs TestFileSizeLimitChild in a process of its own: the limit holds for all
// that a process writes, and the test runner keeps a log of the files that a test opens.
func TestFileSizeLimit(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestFileSizeLimitChild$", "-test.v")
	cmd.Env = append(os.Environ(), fileSizeDirEnv+"="+t.TempDir())
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// TestFileSizeLimitChild lets the system refuse larger files, as a full disk does, in the middle of
// a checkpoint.
func TestFileSizeLimitChild(t *testing.T) {
	dir := os.Getenv(fileSizeDirEnv)
	if dir == "" {
		t.Skip("run by TestFileSizeLimit")
	}
	s := openTest(t, dir)
	o := begin(t, s)
	o.publish(t, 1, o.write(t, 1, 50<<10, upto(10)...))
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	small := old
	small.Cur = 256 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	if err := fill(s, o.g, 2); err == nil {
		t.Error("writing beyond the limit: got nil")
	}
	m := latest(t, s)
	if m.ID != 1 {
		t.Errorf("Latest: got checkpoint %d, want 1", m.ID)
	}
	checkWhole(t, s, m)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	o.publish(t, 3, o.write(t, 3, 50<<10, upto(100)...))
	checkWhole(t, s, latest(t, s))
}

// fill writes 64 MB into a checkpoint, or less if it fails.
func fill(s *Store, g Generation, id uint64) error {
	w, err := s.NewWriter(g, id, "t", nil)
	if err != nil {
		return err
	}
	data := make([]byte, 64<<10)
	for i := range 1000 {
		if _, err := w.Put(Segment{Step: "s", KeyGroup: uint16(i)}, data); err != nil {
			return errors.Join(err, w.Flush())
		}
	}
	return w.Flush()
}

const fullDirEnv = "FLYBALL_SNAPSHOT_FULL_DIR"

// TestDiskFull runs TestDiskFullChild where it may mount a small file system.
func TestDiskFull(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFullChild$", "-test.v")
	cmd.Env = append(os.Environ(), fullDirEnv+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Skipf("no user namespaces: %v", err)
	}
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// TestDiskFullChild fills a file system of 12 MB with a checkpoint, by the store and by others.
func TestDiskFullChild(t *testing.T) {
	dir := os.Getenv(fullDirEnv)
	if dir == "" {
		t.Skip("run by TestDiskFull")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=40m"); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	s, err := Open(testConfig(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	o := begin(t, s)
	o.publish(t, 1, o.write(t, 1, 50<<10, upto(10)...))
	for id := uint64(2); id < 5; id++ {
		if err := fill(s, o.g, id); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("fill the disk: got %v, want ENOSPC", err)
		}
	}
	others := dir + "/others"
	for n := int64(1); reserveFile(others, n<<16) == nil; n++ { // what is left
	}
	if err := fill(s, o.g, 5); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("write to a full disk: got %v, want ENOSPC", err)
	}
	if m := latest(t, s); m.ID != 1 {
		t.Errorf("Latest: got checkpoint %d, want 1", m.ID)
	} else {
		checkWhole(t, s, m)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close on a full disk: %v", err)
	}
	if err := os.Remove(others); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dir)
	checkWhole(t, s, latest(t, s))
	if err := s.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	o = begin(t, s)
	id := s.NextCheckpoint()
	o.publish(t, id, o.write(t, id, 50<<10, upto(50)...))
	checkWhole(t, s, latest(t, s))
}
