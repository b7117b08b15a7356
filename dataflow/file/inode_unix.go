//go:build unix

package file

import (
	"io/fs"
	"syscall"
)

// inode returns a file's number in its file system and the number of its
// names.
func inode(info fs.FileInfo) (number, names uint64) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Ino), uint64(st.Nlink)
	}
	return 0, 1
}
