package snapshot

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOwner(t *testing.T) {
	dir := t.TempDir()
	if _, err := Owner(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty directory: got %v, want %v", err, os.ErrNotExist)
	}
	s, err := Open(Config{Dir: dir, Flow: `a "flow"`})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := Owner(dir); got != `a "flow"` || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	path := filepath.Join(dir, identityName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Owner(dir); err == nil || !strings.Contains(err.Error(), identityName) {
		t.Errorf("a changed file: got %q, %v, want an error", got, err)
	}
}

func FuzzOwner(f *testing.F) {
	f.Add([]byte("flow \"a\"\n"))
	f.Add([]byte("flow a"))
	f.Fuzz(func(t *testing.T, rest []byte) {
		flow, err := ownerOf(withChecksum(append([]byte(identityTitle), rest...)))
		if err != nil && flow != "" {
			t.Errorf("got %q beside the error %v", flow, err)
		}
	})
}
