//go:build !linux

package snapshot

// release makes syncing a mapped file cheaper where it is known how.
func release(string) {}

// uncache gives memory back that the page cache keeps of a file's first bytes, where it is known how.
func uncache(string, int64) {}
