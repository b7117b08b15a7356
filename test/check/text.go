package check

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"strings"
)

// maxFileBytes is how large a file in the repository may be, unless largeFiles gives it more.
const maxFileBytes = 1 << 20

var largeFiles = map[string]int64{
	"examples/flights/data/flights-sample.csv.gz": 3 << 20, // real data for examples and benchmarks
}

// architecture is the page whose invariants name the tests that guard them.
const architecture = "ARCHITECTURE.md"

var (
	leftover = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	codeSpan = regexp.MustCompile("`[^`]+`")
	testName = regexp.MustCompile(`\b(Test|Fuzz|Benchmark|Example)[A-Z_]\w*`)
)

var textRules = []Rule{
	{"leftovers", "what is to be done is done or is no part of the code", checkLeftovers},
	{"file-size", "a repository is cloned by everyone", checkFileSize},
	{"invariants", "an invariant without a test is a hope", checkInvariants},
	{"generated", "generated code has a source, and a schema has its code", checkGenerated},
}

// checkLeftovers looks at the comments of Go files and at all lines of other source. Prose and data
// may use any word.
func checkLeftovers(t *Tree) (found []Finding) {
	for _, f := range t.Go {
		for _, group := range f.Syntax.Comments {
			for _, c := range group.List {
				if word := leftover.FindString(c.Text); word != "" {
					found = append(found, f.at(c.Pos(), "comment says %s", word))
				}
			}
		}
	}
	for p, text := range t.Text {
		if isSource(p) {
			found = append(found, leftoverLines(p, text)...)
		}
	}
	return found
}

func isSource(p string) bool {
	switch path.Ext(p) {
	case ".proto", ".sh", ".yaml", ".yml", ".mod":
		return true
	}
	return path.Base(p) == "Makefile" || match(".ci/**", p)
}

func leftoverLines(p, text string) (found []Finding) {
	for i, line := range strings.Split(text, "\n") {
		if word := leftover.FindString(line); word != "" {
			found = append(found, Finding{p, i + 1, "line says " + word})
		}
	}
	return found
}

func checkFileSize(t *Tree) (found []Finding) {
	for p, size := range t.Size {
		limit := int64(maxFileBytes)
		if more, ok := largeFiles[p]; ok {
			limit = more
		}
		if size > limit {
			text := sprintLimit("file", int(size), "bytes", int(limit))
			found = append(found, Finding{p, 0, text})
		}
	}
	return found
}

// checkInvariants finds tests that the architecture page names in code spans and no file declares.
// A repository without the page has no invariants to guard.
func checkInvariants(t *Tree) (found []Finding) {
	declared := map[string]bool{}
	for _, f := range t.Go {
		for _, decl := range f.Syntax.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok {
				declared[d.Name.Name] = true
			}
		}
	}
	for i, line := range strings.Split(t.Text[architecture], "\n") {
		for _, name := range testsNamed(line) {
			if !declared[name] {
				text := "no function " + name + " in the repository"
				found = append(found, Finding{architecture, i + 1, text})
			}
		}
	}
	return found
}

func testsNamed(line string) (names []string) {
	for _, span := range codeSpan.FindAllString(line, -1) {
		names = append(names, testName.FindAllString(span, -1)...)
	}
	return names
}

func checkGenerated(t *Tree) (found []Finding) {
	for p := range t.Size {
		partner := ""
		if stem, ok := strings.CutSuffix(p, ".pb.go"); ok {
			partner = stem + ".proto"
		} else if stem, ok := strings.CutSuffix(p, ".proto"); ok {
			partner = stem + ".pb.go"
		}
		if _, ok := t.Size[partner]; partner != "" && !ok {
			found = append(found, Finding{p, 0, "there is no " + partner + "; run make generate"})
		}
	}
	return found
}

// sprintLimit words a measured size that is over its limit.
func sprintLimit(what string, n int, unit string, limit int) string {
	return fmt.Sprintf("%s has %d %s, limit %d", what, n, unit, limit)
}
