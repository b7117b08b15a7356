package snapshot

import (
	"path/filepath"
	"syscall"

	"github.com/prometheus/procfs"
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
