package snapshot

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Owner returns the name of the flow whose state a directory holds. It opens and locks nothing.
// The error wraps [os.ErrNotExist] if the directory is no state directory.
func Owner(dir string) (flow string, err error) {
	b, err := os.ReadFile(filepath.Join(dir, identityName))
	if err != nil {
		return "", err
	}
	return ownerOf(b)
}

// ownerOf parses the file that names a directory's flow.
func ownerOf(b []byte) (flow string, err error) {
	text, err := checksummed(b)
	if err != nil {
		return "", fmt.Errorf("%s: %w; restore it from a copy, or move the directory away to start anew",
			identityName, err)
	}
	line, ok := bytes.CutPrefix(text, []byte(identityTitle+"flow "))
	if !ok {
		return "", fmt.Errorf("%s was written by another release of Flyball: %q", identityName, text)
	}
	if flow, err = strconv.Unquote(strings.TrimSpace(string(line))); err != nil {
		return "", fmt.Errorf("%s: the name of the flow: %w", identityName, err)
	}
	return flow, nil
}
