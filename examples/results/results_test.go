package results_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/examples/results"
)

type row struct{ N int }

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows")
	below := filepath.Join(path, "a", "b")
	if err := os.MkdirAll(below, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		below + "/rows-1.jsonl":   "{\"N\":4}\n",
		below + "/.rows-2.jsonl":  "{\"N\":6}\n",
		path + "-2.jsonl":         "{\"N\":3}\n",
		path + "-1.jsonl":         "{\"N\":1}\n{\"N\":2}\n",
		path + "-1.jsonl.pending": "{\"N\":7}\n",
		path + "other-1.jsonl":    "{\"N\":5}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := results.Read[row](path)
	if want := []row{{1}, {2}, {3}, {4}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v and error %v, want %v", got, err, want)
	}
	if err := os.WriteFile(path+"-3.jsonl", []byte("{\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := results.Read[row](path); err == nil || !strings.Contains(err.Error(), "record 4") {
		t.Errorf("got error %v, want one that tells which record is torn", err)
	}
}

func TestDir(t *testing.T) {
	if a, b := results.Dir("a"), results.Dir("b"); a == b || a != results.Dir("a") {
		t.Errorf("got %q and %q, want two directories that stay", a, b)
	}
}
