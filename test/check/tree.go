package check

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the import path of the repository's root.
const Module = "github.com/flyball-stream/flyball"

// Rule is one house rule.
type Rule struct {
	// Name is in kebab-case and names the subtest.
	Name string
	// Why is printed with every finding.
	Why string
	// Check returns what breaks the rule, in any order. It leaves the tree as it is.
	Check func(*Tree) []Finding
}

// Rules are all house rules.
var Rules = slices.Concat(importRules, confinementRules, sizeRules, docRules, nameRules, textRules)

// Finding is one place that breaks a rule.
type Finding struct {
	Path string // slash-separated, from the repository's root
	Line int    // from 1; 0 is the whole file
	Text string // what is wrong, and the remedy where it is not plain
}

// String gives the finding in the form that editors can jump to.
func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Text) }

// Tree is a repository at one moment.
type Tree struct {
	// Go are the parsed files that people wrote: not generated ones, nor test data.
	Go []*File
	// Text maps the path of every other text file to its content.
	Text map[string]string
	// Size maps the path of every file to its length in bytes.
	Size map[string]int64
}

// File is one parsed Go file.
type File struct {
	Path    string // slash-separated, from the repository's root
	Source  []byte
	Syntax  *ast.File
	Imports map[string]string // import path by the name that the file uses for it
	fset    *token.FileSet
}

// Load reads the files at paths, slash-separated, from the repository's root fsys.
func Load(fsys fs.FS, paths []string) (*Tree, error) {
	t := &Tree{Text: map[string]string{}, Size: map[string]int64{}}
	for _, p := range paths {
		content, err := fs.ReadFile(fsys, p)
		if err != nil {
			return nil, fmt.Errorf("load repository: %w", err)
		}
		if err := t.add(p, content); err != nil {
			return nil, fmt.Errorf("load repository: %w", err)
		}
	}
	slices.SortFunc(t.Go, func(a, b *File) int { return cmp.Compare(a.Path, b.Path) })
	return t, nil
}

func (t *Tree) add(p string, content []byte) error {
	t.Size[p] = int64(len(content))
	if path.Ext(p) == ".go" && !strings.Contains("/"+p, "/testdata/") {
		f, err := parse(p, content)
		if err != nil {
			return err
		}
		if !ast.IsGenerated(f.Syntax) {
			t.Go = append(t.Go, f)
			return nil
		}
	}
	if !bytes.ContainsRune(content, 0) {
		t.Text[p] = string(content)
	}
	return nil
}

func parse(p string, source []byte) (*File, error) {
	fset := token.NewFileSet()
	mode := parser.ParseComments | parser.SkipObjectResolution
	syntax, err := parser.ParseFile(fset, p, source, mode)
	if err != nil {
		return nil, err
	}
	f := &File{Path: p, Source: source, Syntax: syntax, Imports: map[string]string{}, fset: fset}
	for _, spec := range syntax.Imports {
		f.Imports[importName(spec)] = importPath(spec)
	}
	return f, nil
}

// Dir is the file's package directory, "." at the root.
func (f *File) Dir() string { return path.Dir(f.Path) }

// IsTest reports whether the file belongs to tests alone.
func (f *File) IsTest() bool { return strings.HasSuffix(f.Path, "_test.go") }

// at makes a finding for the line of pos.
func (f *File) at(pos token.Pos, format string, args ...any) Finding {
	return Finding{f.Path, f.line(pos), fmt.Sprintf(format, args...)}
}

func (f *File) line(pos token.Pos) int { return f.fset.Position(pos).Line }

// selected resolves pkg.Name to the path that pkg was imported from. It takes an identifier of the
// same name in an inner scope for the package, which no one should write anyway.
func (f *File) selected(n ast.Node) (pkg, name string, ok bool) {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", "", false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", "", false
	}
	pkg, ok = f.Imports[id.Name]
	return pkg, sel.Sel.Name, ok
}

// eachFile applies check to the files that keep admits.
func eachFile(keep func(*File) bool, check func(*File) []Finding) func(*Tree) []Finding {
	return func(t *Tree) (all []Finding) {
		for _, f := range t.Go {
			if keep(f) {
				all = append(all, check(f)...)
			}
		}
		return all
	}
}

func anyFile(*File) bool       { return true }
func productFile(f *File) bool { return !f.IsTest() }

// match reports whether a path or directory is covered by a pattern: that of path.Match, or with
// the ending /** a directory and all below it.
func match(pattern, p string) bool {
	if top, ok := strings.CutSuffix(pattern, "/**"); ok {
		return p == top || strings.HasPrefix(p, top+"/")
	}
	ok, err := path.Match(pattern, p)
	return ok && err == nil
}

func matchAny(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return match(pattern, p) })
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value // the parser admits no other form
	}
	return p
}

// importName is the name a file uses for an import; without a given one it is guessed as Go
// programmers do, from the last element that is not a major version.
func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	p := importPath(spec)
	base := path.Base(p)
	if len(base) > 1 && base[0] == 'v' && base[1] >= '0' && base[1] <= '9' {
		base = path.Base(path.Dir(p))
	}
	return strings.TrimPrefix(base, "go-")
}
