package nexmark

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/test/nexmark/model"
)

// check compares what a query wrote with what its model says.
func (s stream) check(t *testing.T, w way, dir string) {
	t.Helper()
	s.checkWith(t, w, options(w.other), dir)
}

// checkWith is check for a query that has other settings than the usual.
func (s stream) checkWith(t *testing.T, w way, o model.Options, dir string) {
	t.Helper()
	want, err := w.query.Lines(s.events, o)
	if err != nil {
		t.Fatal(err)
	}
	got := written(t, w.query.Name, dir)
	switch {
	case w.query.Name == "q12":
		got = sums(t, got)
	case !w.final:
		got = last(t, got, w.query.Key)
	}
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%v of %s: got %d rows, want %d\ntoo many: %s\nmissing: %s", w, s.name, len(got),
		len(want), beyond(got, want), beyond(want, got))
}

// beyond is the beginning of what is in a but not in b, each of which is sorted.
func beyond(a, b []string) string {
	var more []string
	for _, line := range a {
		for len(b) > 0 && b[0] < line {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == line {
			b = b[1:]
			continue
		}
		more = append(more, line)
	}
	const shown = 3
	text := strings.Join(more[:min(len(more), shown)], "")
	return fmt.Sprintf("%d rows\n%s", len(more), text)
}

// written is the lines of all files that can be seen, in the order in which the
// rows of each key were written. Nothing else may be left in the directory.
func written(t *testing.T, query, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") || filepath.Ext(path) != ".jsonl" {
			t.Errorf("%s: left over", path)
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines := slices.Collect(strings.Lines(string(text)))
		if query == "q10" {
			checkPartition(t, path, lines)
		}
		all = append(all, lines...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// checkPartition checks that rows of q10 are in the directory of their minute.
func checkPartition(t *testing.T, path string, lines []string) {
	t.Helper()
	for _, line := range lines {
		var row struct{ DT, HM string }
		decode(t, line, &row)
		want := "dt=" + row.DT + "/hm=" + strings.Replace(row.HM, ":", "-", 1)
		if got := filepath.ToSlash(filepath.Dir(path)); !strings.HasSuffix(got, want) {
			t.Errorf("row of %s %s: got it in %s, want %s", row.DT, row.HM, got, want)
		}
	}
}

// last is the last line of each key.
func last(t *testing.T, lines, columns []string) (rows []string) {
	t.Helper()
	byKey := map[string]string{}
	for _, line := range lines {
		row := map[string]json.RawMessage{}
		decode(t, line, &row)
		key := ""
		for _, c := range columns {
			if row[c] == nil {
				t.Fatalf("row %q: there is no %q", line, c)
			}
			key += string(row[c]) + "\n"
		}
		byKey[key] = line
	}
	for _, line := range byKey {
		rows = append(rows, line)
	}
	return rows
}

// sums adds up the rows of q12 by bidder, whatever windows they are of.
func sums(t *testing.T, lines []string) (rows []string) {
	t.Helper()
	bids := map[int64]int64{}
	for _, line := range lines {
		var row struct {
			Bidder int64 `json:"bidder"`
			Bids   int64 `json:"bid_count"`
		}
		decode(t, line, &row)
		bids[row.Bidder] += row.Bids
	}
	for bidder, n := range bids {
		rows = append(rows, fmt.Sprintf("{\"bidder\":%d,\"bid_count\":%d}\n", bidder, n))
	}
	return rows
}

func decode(t *testing.T, line string, row any) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), row); err != nil {
		t.Fatalf("row %q: %v", line, err)
	}
}
