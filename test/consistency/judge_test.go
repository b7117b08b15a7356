package consistency

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// balances is a view as a map.
type balances map[int64]int64

// model is the views of the transfers that have been read of each split.
type model struct {
	transfers int64
	views     map[string]balances
}

func newModel(transfers int64) *model {
	m := &model{transfers, map[string]balances{}}
	for _, v := range []string{creditsView, debitsView, balanceView, totalView, readView} {
		m.views[v] = balances{}
	}
	return m
}

// advance has the model read up to as many transfers of each split as read says.
func (m *model) advance(read balances) error {
	done := m.views[readView]
	for split, upto := range read {
		if split < 0 || split >= splits || upto < done[split] {
			return fmt.Errorf("split %d: %d transfers after %d", split, upto, done[split])
		}
		for ; done[split] < upto; done[split]++ {
			number := split + done[split]*splits
			if number >= m.transfers {
				return fmt.Errorf("split %d: %d transfers, more than there are", split, upto)
			}
			m.apply(transferOf(number, m.transfers))
		}
	}
	return nil
}

func (m *model) apply(t transfer) {
	m.views[creditsView][t.To]++
	m.views[debitsView][t.From]++
	m.views[balanceView][t.To]++
	m.views[balanceView][t.From]--
	m.views[totalView][0] += 0
}

// cut is what became visible with one checkpoint: the rows of each view, in
// the order of the file of each subtask.
type cut struct {
	id   uint64
	rows map[string][]row
}

var fileName = regexp.MustCompile(`^([a-z]+)-\d{4}-(\d{8})-\d{3}\.jsonl$`)

// cuts reads the output in order of checkpoints. A file is whole or hidden.
func cuts(t *testing.T, dir string) []cut {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	all := map[uint64]cut{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name := fileName.FindStringSubmatch(e.Name())
		if name == nil {
			t.Fatalf("output: unexpected file %q", e.Name())
		}
		id, err := strconv.ParseUint(name[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := all[id]; !ok {
			all[id] = cut{id, map[string][]row{}}
		}
		rows := all[id].rows
		rows[name[1]] = append(rows[name[1]], readRows(t, filepath.Join(dir, e.Name()))...)
	}
	return slices.SortedFunc(maps.Values(all), func(a, b cut) int { return cmp.Compare(a.id, b.id) })
}

func readRows(t *testing.T, path string) (rows []row) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%s: line %q: %v", path, lines.Text(), err)
		}
		rows = append(rows, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return rows
}

// verdict is what is to be said of an output.
type verdict struct {
	Cuts    int
	Rows    int
	Totals  int // rows that are totals
	NotZero int // of these
	Twice   int // rows for a key that had one in the same cut
	Wrong   int // views in cuts that are not the model's
	Read    int64
	First   string // of the wrong ones
}

// judge compares all cuts with the model. Of an output whose flow was killed
// the latest cut may not be whole: its totals count, its views do not.
func judge(t *testing.T, dir string, transfers int64, whole bool) (v verdict) {
	t.Helper()
	m, seen := newModel(transfers), newModel(transfers)
	all := cuts(t, dir)
	for i, c := range all {
		v.take(c, seen.views)
		if i == len(all)-1 && !whole {
			break
		}
		if err := m.advance(seen.views[readView]); err != nil {
			t.Fatalf("cut %d: %v", c.id, err)
		}
		for name, want := range m.views {
			if got := seen.views[name]; !maps.Equal(got, want) {
				v.Wrong++
				v.First = cmp.Or(v.First, fmt.Sprintf("cut %d: %s is %v, want %v", c.id, name, got, want))
			}
		}
	}
	for _, n := range seen.views[readView] {
		v.Read += n
	}
	return v
}

// take applies the rows of a cut to the views.
func (v *verdict) take(c cut, views map[string]balances) {
	v.Cuts++
	for name, rows := range c.rows {
		v.Rows += len(rows)
		had := map[int64]bool{}
		for _, r := range rows {
			if name == totalView {
				v.Totals++
				if r.Value != 0 {
					v.NotZero++
				}
			}
			if had[r.Key] {
				v.Twice++
			}
			had[r.Key] = true
			views[name][r.Key] = r.Value
		}
	}
}

// check fails the test unless all outputs were right.
func (v verdict) check(t *testing.T) {
	t.Helper()
	if v.NotZero > 0 || v.Twice > 0 || v.Wrong > 0 {
		t.Fatalf("got %+v, want nothing wrong", v)
	}
}

// checkEnd is check for the output of a flow that has read all transfers, in
// at least some cuts.
func (v verdict) checkEnd(t *testing.T, transfers int64, cuts int) {
	t.Helper()
	v.check(t)
	if v.Read != transfers || v.Cuts < cuts || v.Totals != v.Cuts {
		t.Errorf("got %+v, want %d transfers read in at least %d cuts, each with a total",
			v, transfers, cuts)
	}
}
