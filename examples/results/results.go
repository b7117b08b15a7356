package results

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// run tells apart the directories of programs that run side by side.
var run = rand.Text()

// Dir is a directory for the results of the program called name, which no
// other run of this machine has. It is the same whenever it is asked for and
// is not made.
func Dir(name string) string { return filepath.Join(os.TempDir(), "flyball-"+name, run) }

// Files are the paths of the files that package file has written as JSON to
// path, in order of their names.
func Files(path string) ([]string, error) { return filepath.Glob(path + "-*.jsonl") }

// Read reads the records in the [Files] of path, one a line.
func Read[T any](path string) (all []T, err error) {
	files, err := Files(path)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			var v T
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				return nil, fmt.Errorf("read %s: %w", f, err)
			}
			all = append(all, v)
		}
	}
	return all, nil
}
