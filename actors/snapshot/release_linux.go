package snapshot

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// release takes the pages of a mapped file out of the page tables, all at once; they stay in the
// page cache, dirty as they are. Badger syncs a mapping by msync, which else write-protects its
// pages one by one, with an interrupt to every processor for each. Nothing depends on it: what
// goes wrong here costs time alone. The file must stay mapped during the call.
func release(file string) {
	path, err := filepath.Abs(file)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return
	}
	self, err := procfs.Self()
	if err != nil {
		return
	}
	maps, err := self.ProcMaps()
	if err != nil {
		return
	}
	for _, m := range maps {
		// In a private mapping the pages would be the only copy of what was written to them.
		if m.Pathname == path && m.Perms.Shared {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE,
				m.StartAddr, m.EndAddr-m.StartAddr, syscall.MADV_DONTNEED)
		}
	}
}

// uncache gives the memory back that the page cache keeps of a file's first n bytes. Pages that
// are dirty or mapped stay.
func uncache(file string, n int64) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	_ = unix.Fadvise(int(f.Fd()), 0, n, unix.FADV_DONTNEED)
	_ = f.Close()
}
