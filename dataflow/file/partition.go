package file

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds on the name of a partition, in bytes once escaped: what file systems
// take for one directory, and a part of what they take for a path.
const (
	maxElement   = 255
	maxPartition = 1024
)

// partitionDir is the directory that a partition's name stands for, relative
// to the sink's and with slashes, empty for that one itself. Whatever the name,
// it lies below the sink's directory and can be seen. What would not be, or could
// not be written down, is escaped as in URLs: a point that an element begins
// with, control characters, backslashes, bytes that are not UTF-8, and percent
// signs, so that different elements remain different. Empty elements are left
// out.
func partitionDir(name string) (string, error) {
	var elements []string
	size := -1
	for e := range strings.SplitSeq(name, "/") {
		if e == "" {
			continue
		}
		e = escapeElement(e)
		if size += 1 + len(e); len(e) > maxElement || size > maxPartition {
			return "", fmt.Errorf("partition %.80q…: the name is too long: a directory may have %d "+
				"bytes and all of them %d", name, maxElement, maxPartition)
		}
		elements = append(elements, e)
	}
	return strings.Join(elements, "/"), nil
}

func escapeElement(e string) string {
	var b strings.Builder
	for i := 0; i < len(e); {
		r, n := utf8.DecodeRuneInString(e[i:])
		bad := r == utf8.RuneError && n == 1 || r < ' ' || r == 0x7f || r == '%' || r == '\\' ||
			r == '.' && i == 0
		if bad {
			fmt.Fprintf(&b, "%%%02X", e[i])
		} else {
			b.WriteString(e[i : i+n])
		}
		i += n
	}
	return b.String()
}

// isPartitionDir reports whether partitionDir could have returned dir.
func isPartitionDir(dir string) bool {
	plain := strings.ReplaceAll(dir, "%", "_")
	same, err := partitionDir(plain)
	return err == nil && same == plain
}
