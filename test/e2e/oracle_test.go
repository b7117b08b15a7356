package e2e

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const sample = "../../examples/flights/data/flights-sample.csv.gz"

// sampleText is the sample, unpacked.
var sampleText = sync.OnceValues(func() ([]byte, error) {
	f, err := os.Open(sample)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
})

// input is a file of the first n flights of the sample, with its oracle.
type input struct {
	path string
	want oracle
}

// newInput writes the first n flights to a directory that is the test's.
func newInput(t *testing.T, n int, packed bool) input {
	t.Helper()
	text, err := sampleText()
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(string(text)))
	part := strings.Join(lines[:min(n+1, len(lines))], "")
	path := filepath.Join(t.TempDir(), "flights.csv")
	if packed {
		path += ".gz"
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var w io.Writer = f
	if packed {
		z := gzip.NewWriter(f)
		defer z.Close()
		w = z
	}
	if _, err := io.WriteString(w, part); err != nil {
		t.Fatal(err)
	}
	return input{path, newOracle(t, part)}
}

// oracle is the lines that the flow must write, by the first part of the name
// of their files, each of which must appear once.
type oracle map[string]map[string]bool

// newOracle computes the lines by maps.
func newOracle(t *testing.T, text string) oracle {
	t.Helper()
	type key struct{ kind, start, key string }
	sums := map[key]delays{}
	in := csv.NewReader(strings.NewReader(text))
	if _, err := in.Read(); err != nil {
		t.Fatal(err)
	}
	for {
		r, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		delay, err := strconv.ParseInt(r[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		hour, day := r[0][:13]+":00:00Z", r[0][:10]+"T00:00:00Z"
		for _, k := range []key{
			{"hourly", hour, r[3]}, {"daily", day, r[3] + "-" + r[4]}, {"ever", "", r[4]},
		} {
			old, ok := sums[k]
			if !ok {
				old.Max = delay
			}
			sums[k] = delays{old.Flights + 1, old.Sum + delay, max(old.Max, delay)}
		}
	}
	o := oracle{"hourly": {}, "daily": {}, "ever": {}}
	for k, d := range sums {
		o[k.kind][`{"start":"`+k.start+`","key":"`+k.key+`","flights":`+itoa(d.Flights)+
			`,"sum":`+itoa(d.Sum)+`,"max":`+itoa(d.Max)+"}\n"] = true
	}
	return o
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// shown is what can be seen of the output: for each kind of file, its lines.
type shown map[string]map[string]bool

// look reads what can be seen and checks that it is whole: every line is one
// that the oracle has, and none is there twice.
func (o oracle) look(t *testing.T, dir string) shown {
	t.Helper()
	s := shown{}
	for kind := range o {
		s[kind] = map[string]bool{}
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			return err // hidden: not yet visible to those who read the output
		}
		kind, _, _ := strings.Cut(e.Name(), "-")
		kind = strings.TrimSuffix(kind, " out")
		if o[kind] == nil || filepath.Ext(e.Name()) != ".jsonl" {
			t.Errorf("output: unexpected file %q", path)
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			o.lookAt(t, s, kind, path, string(text))
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return s
}

func (o oracle) lookAt(t *testing.T, s shown, kind, name, text string) {
	t.Helper()
	bad := 0
	for line := range strings.Lines(text) {
		switch {
		case !json.Valid([]byte(line)) || !strings.HasSuffix(line, "\n"):
			t.Errorf("output %s: torn line %q", name, line)
		case !o[kind][line]:
			t.Errorf("output %s: wrong line %q", name, line)
		case s[kind][line]:
			t.Errorf("output %s: line for the second time: %q", name, line)
		default:
			s[kind][line] = true
			continue
		}
		if bad++; bad == 5 {
			t.Fatalf("output %s: and more", name)
		}
	}
}

// covers checks that nothing that was seen before has gone.
func (s shown) covers(t *testing.T, before shown) {
	t.Helper()
	for kind, lines := range before {
		for line := range lines {
			if !s[kind][line] {
				t.Fatalf("output: a line of %s has gone: %q", kind, line)
			}
		}
	}
}

// check checks that the output is exactly what the oracle says and that
// nothing else is left in the directory.
func (o oracle) check(t *testing.T, dir string) {
	t.Helper()
	s := o.look(t, dir)
	for kind, want := range o {
		if got := len(s[kind]); got != len(want) {
			t.Errorf("output %s: got %d lines, want %d", kind, got, len(want))
			for line := range want {
				if !s[kind][line] {
					t.Fatalf("output %s: lacks %q", kind, line)
				}
			}
		}
	}
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(hidden) > 0 {
		t.Errorf("output: left over: %q", hidden)
	}
}

// flightsIn sums up the flights that the lines of a file count.
func flightsIn(t *testing.T, path string) (n int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var r struct{ Flights int }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: line %q: %v", path, line, err)
		}
		n += r.Flights
	}
	return n
}
