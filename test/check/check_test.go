package check

import (
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestRepositoryKeepsTheRules(t *testing.T) {
	tree := repository(t)
	for _, rule := range Rules {
		t.Run(rule.Name, func(t *testing.T) {
			for _, line := range sortedStrings(rule.Check(tree)) {
				t.Error(line)
			}
			if t.Failed() {
				t.Log("why: " + rule.Why)
			}
		})
	}
}

// TestSizes prints, with -v, how long files and functions are.
func TestSizes(t *testing.T) {
	m := Measure(repository(t))
	t.Logf("product: %d lines in %d files, %d functions; tests: %d lines",
		m.ProductLines, m.Files, m.Functions, m.TestLines)
	t.Logf("files:     p50 %3d, p90 %3d lines, longest %s", m.FileP50, m.FileP90, m.LongestFile)
	t.Logf("functions: p50 %3d, p90 %3d lines, longest %s", m.FuncP50, m.FuncP90, m.LongestFunc)
	if m.Files == 0 || m.Functions == 0 {
		t.Errorf("measured %d files and %d functions, want some of each", m.Files, m.Functions)
	}
}

// TestUnusedAllowances prints, with -v, the rows of allowances that could go.
func TestUnusedAllowances(t *testing.T) {
	for _, row := range Unused(repository(t)) {
		t.Log("no longer needed: ", row)
	}
}

// repository loads the files of the repository: all but those in hidden and output directories and
// those that git ignores, if git is there to ask. The walk also tells the test cache which
// directories the result depends on.
func repository(t *testing.T) *Tree {
	t.Helper()
	const root = "../.."
	paths, err := walk(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := unignored(root); err == nil {
		paths = slices.DeleteFunc(paths, func(p string) bool { return !kept[p] })
	}
	tree, err := Load(os.DirFS(root), paths)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func walk(root fs.FS) (paths []string, err error) {
	err = fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (p[0] == '.' && p != ".ci" || p == "bin" || p == "out"):
			return fs.SkipDir
		case d.Type().IsRegular():
			paths = append(paths, p)
		}
		return nil
	})
	return paths, err
}

// unignored is the set of files that git tracks or would add.
func unignored(root string) (map[string]bool, error) {
	git := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git.Dir = root
	out, err := git.Output()
	if err != nil {
		return nil, err
	}
	kept := map[string]bool{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		kept[name] = true
	}
	return kept, nil
}

func sortedStrings(found []Finding) (lines []string) {
	for _, f := range found {
		lines = append(lines, f.String())
	}
	slices.Sort(lines)
	return lines
}

func TestPercentileIsNearestRank(t *testing.T) {
	ten := []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
	tests := []struct {
		values  []int
		p, want int
	}{
		{nil, 90, 0},
		{[]int{7}, 50, 7},
		{[]int{7}, 90, 7},
		{ten, 50, 5},
		{ten, 90, 9},
		{ten, 91, 10},
	}
	for _, tt := range tests {
		if got := percentile(tt.values, tt.p); got != tt.want {
			t.Errorf("percentile(%v, %d): got %d, want %d", tt.values, tt.p, got, tt.want)
		}
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, path string
		want          bool
	}{
		{"actors", "actors", true},
		{"actors", "actors/snapshot", false},
		{"actors/**", "actors", true},
		{"actors/**", "actors/snapshot/x.go", true},
		{"actors/**", "actorsystem", false},
		{"actors/*.go", "actors/clock.go", true},
		{"actors/*.go", "actors/snapshot/x.go", false},
	}
	for _, tt := range tests {
		if got := match(tt.pattern, tt.path); got != tt.want {
			t.Errorf("match(%q, %q): got %v, want %v", tt.pattern, tt.path, got, tt.want)
		}
	}
}

func TestTablesGiveReasons(t *testing.T) {
	for _, a := range allowances {
		if a.Why == "" || len(a.Powers) == 0 {
			t.Errorf("allowance for %s: want powers and a reason", a.Files)
		}
	}
	for _, l := range layers {
		if l.Why == "" {
			t.Errorf("layer %s: want a reason", l.Dir)
		}
	}
	for _, d := range dependencies {
		if d.Why == "" || len(d.By) == 0 {
			t.Errorf("dependency %s: want importers and a reason", d.Paths)
		}
	}
}
