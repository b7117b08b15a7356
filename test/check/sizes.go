package check

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits on single things, in lines, columns or pieces.
const (
	maxFileLines     = 600
	maxTestFileLines = 900
	maxFuncLines     = 70
	maxParams        = 5
	maxMethods       = 5
	maxColumns       = 120
	tabColumns       = 4
)

// Limits that nine of ten product files and functions keep, in lines.
const (
	p90FileLines = 400
	p90FuncLines = 30
)

var sizeRules = []Rule{
	{"file-length", "a file is about one thing", eachFile(anyFile, checkFileLength)},
	{"function-length", "a function fits a screen", eachFile(anyFile, checkFuncLength)},
	{"parameters", "more belong in a struct that names them", eachFile(anyFile, checkParams)},
	{"interface-width", "small interfaces are implemented and faked easily",
		eachFile(anyFile, checkMethods)},
	{"line-width", "two files fit side by side", eachFile(anyFile, checkColumns)},
	{"p90", "most code is far below the limits", checkP90},
}

func checkFileLength(f *File) []Finding {
	limit := maxFileLines
	if f.IsTest() {
		limit = maxTestFileLines
	}
	if n := fileLines(f); n > limit {
		return []Finding{{f.Path, 0, sprintLimit("file", n, "lines", limit)}}
	}
	return nil
}

func fileLines(f *File) int { return strings.Count(string(f.Source), "\n") }

// fn is a function that stands by itself: declared, or a literal in a package-level variable.
type fn struct {
	Pos   token.Pos
	Name  string
	Lines int // from the word func to the last brace
}

func functions(f *File) (all []fn) {
	add := func(name string, n ast.Node) {
		all = append(all, fn{n.Pos(), name, f.line(n.End()) - f.line(n.Pos()) + 1})
	}
	for _, decl := range f.Syntax.Decls {
		if d, ok := decl.(*ast.FuncDecl); ok {
			// The position of a declaration is that of func; its doc comment is not counted.
			add(d.Name.Name, d)
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			lit, ok := n.(*ast.FuncLit)
			if ok {
				add("function literal", lit)
			}
			return !ok
		})
	}
	return all
}

func checkFuncLength(f *File) (found []Finding) {
	for _, fn := range functions(f) {
		if fn.Lines > maxFuncLines {
			text := sprintLimit(fn.Name, fn.Lines, "lines", maxFuncLines)
			found = append(found, f.at(fn.Pos, "%s", text))
		}
	}
	return found
}

func checkParams(f *File) (found []Finding) {
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if t, ok := n.(*ast.FuncType); ok && t.Params.NumFields() > maxParams {
			text := sprintLimit("function", t.Params.NumFields(), "parameters", maxParams)
			found = append(found, f.at(t.Pos(), "%s", text))
		}
		return true
	})
	return found
}

// checkMethods counts an embedded interface as one method.
func checkMethods(f *File) (found []Finding) {
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if t, ok := n.(*ast.InterfaceType); ok && t.Methods.NumFields() > maxMethods {
			text := sprintLimit("interface", t.Methods.NumFields(), "methods", maxMethods)
			found = append(found, f.at(t.Pos(), "%s", text))
		}
		return true
	})
	return found
}

func checkColumns(f *File) (found []Finding) {
	number := 0
	for line := range strings.Lines(string(f.Source)) {
		number++
		line = strings.TrimSuffix(line, "\n")
		columns := utf8.RuneCountInString(line) + (tabColumns-1)*strings.Count(line, "\t")
		if columns > maxColumns {
			text := sprintLimit("line", columns, "columns", maxColumns)
			found = append(found, Finding{f.Path, number, text})
		}
	}
	return found
}

// Percentiles are lengths in lines that half and nine tenths of the product's files and functions
// do not exceed.
type Percentiles struct {
	Files, Functions         int // how many there are
	FileP50, FileP90         int
	FuncP50, FuncP90         int
	ProductLines             int
	TestLines                int
	LongestFile, LongestFunc string // the longest file and function
}

// Measure takes the lengths of product files and functions; of tests it takes the lines alone.
func Measure(t *Tree) Percentiles {
	var m Percentiles
	var files, funcs []int
	for _, f := range t.Go {
		lines := fileLines(f)
		if f.IsTest() {
			m.TestLines += lines
			continue
		}
		m.ProductLines += lines
		if files = append(files, lines); lines == slices.Max(files) {
			m.LongestFile = f.Path
		}
		for _, fn := range functions(f) {
			if funcs = append(funcs, fn.Lines); fn.Lines == slices.Max(funcs) {
				m.LongestFunc = f.Path + ": " + fn.Name
			}
		}
	}
	m.Files, m.FileP50, m.FileP90 = len(files), percentile(files, 50), percentile(files, 90)
	m.Functions, m.FuncP50, m.FuncP90 = len(funcs), percentile(funcs, 50), percentile(funcs, 90)
	return m
}

// percentile is the smallest value that p in a hundred do not exceed (nearest rank), 0 for none.
func percentile(values []int, p int) int {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)*p+99)/100-1]
}

func checkP90(t *Tree) (found []Finding) {
	m := Measure(t)
	if m.FileP90 > p90FileLines {
		text := sprintLimit("p90 of files", m.FileP90, "lines", p90FileLines)
		found = append(found, Finding{".", 0, text})
	}
	if m.FuncP90 > p90FuncLines {
		text := sprintLimit("p90 of functions", m.FuncP90, "lines", p90FuncLines)
		found = append(found, Finding{".", 0, text})
	}
	return found
}
