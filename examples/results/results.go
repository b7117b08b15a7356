package results

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
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

// Lines are the lines, with their ends, of the files that package file has
// written as JSON to path, or to directories below it, in order of the files'
// names. A line is the caller's. An error ends the sequence.
func Lines(path string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		files, err := files(path)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, name := range files {
			if !lines(name, yield) {
				return
			}
		}
	}
}

// files lists what is visible of path-*.jsonl and path/**/*.jsonl.
func files(path string) ([]string, error) {
	all, err := filepath.Glob(path + "-*.jsonl")
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(filepath.Base(name), ".")
		if err == nil && !d.IsDir() && !hidden && filepath.Ext(name) == ".jsonl" {
			all = append(all, name)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return all, err
}

// lines yields the lines of one file and reports whether to go on.
func lines(name string, yield func([]byte, error) bool) bool {
	f, err := os.Open(name)
	if err != nil {
		yield(nil, err)
		return false
	}
	defer f.Close()
	for in := bufio.NewReader(f); ; {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 && !yield(line, nil) {
			return false
		}
		if err == io.EOF {
			return true
		}
		if err != nil {
			yield(nil, err)
			return false
		}
	}
}

// Read reads all records in the [Lines] of path.
func Read[T any](path string) (all []T, err error) {
	for line, err := range Lines(path) {
		var v T
		if err == nil {
			err = json.Unmarshal(line, &v)
		}
		if err != nil {
			return nil, fmt.Errorf("read record %d of %s: %w", len(all)+1, path, err)
		}
		all = append(all, v)
	}
	return all, nil
}
