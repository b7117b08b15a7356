package check

import (
	"go/ast"
	"path"
	"slices"
)

var docRules = []Rule{
	{"package-docs", "a package says what it is for, in doc.go; a command may say it in main.go",
		checkPackageDocs},
	{"exported-docs", "an exported name says what it promises",
		eachFile(productFile, checkExportedDocs)},
}

func checkPackageDocs(t *Tree) (found []Finding) {
	documented := map[string]bool{}
	first := map[string]*File{}
	for _, f := range t.Go {
		if first[f.Dir()] == nil {
			first[f.Dir()] = f
		}
		if hasText(f.Syntax.Doc) && slices.Contains(docFiles(f), path.Base(f.Path)) {
			documented[f.Dir()] = true
		}
	}
	for dir, f := range first {
		if !documented[dir] {
			text := dir + " has no package comment in doc.go"
			found = append(found, f.at(f.Syntax.Package, "%s", text))
		}
	}
	return found
}

// docFiles are the files that may hold the comment of the package that f is in.
func docFiles(f *File) []string {
	if f.Syntax.Name.Name == "main" {
		return []string{"doc.go", "main.go"}
	}
	return []string{"doc.go", "doc_test.go"}
}

// checkExportedDocs leaves out package main, which no one can import.
func checkExportedDocs(f *File) (found []Finding) {
	if f.Syntax.Name.Name == "main" {
		return nil
	}
	for _, decl := range f.Syntax.Decls {
		for _, id := range undocumented(decl) {
			found = append(found, f.at(id.Pos(), "exported %s has no doc comment", id.Name))
		}
	}
	return found
}

func undocumented(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && exportedReceiver(d.Recv) && !hasText(d.Doc) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		return undocumentedSpecs(d)
	}
	return nil
}

// undocumentedSpecs takes a comment on a group of constants or variables for all of them; a type
// needs its own.
func undocumentedSpecs(d *ast.GenDecl) (bare []*ast.Ident) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if !hasText(s.Doc) && (d.Lparen.IsValid() || !hasText(d.Doc)) {
				bare = append(bare, exported(s.Name)...)
			}
		case *ast.ValueSpec:
			if !hasText(s.Doc) && !hasText(s.Comment) && !hasText(d.Doc) {
				bare = append(bare, exported(s.Names...)...)
			}
		}
	}
	return bare
}

// exported filters names in a copy: deleting in place would change the syntax tree.
func exported(names ...*ast.Ident) []*ast.Ident {
	names = slices.Clone(names)
	return slices.DeleteFunc(names, func(id *ast.Ident) bool { return !id.IsExported() })
}

// exportedReceiver reports whether a method's type is exported. A function has no receiver, and
// passes.
func exportedReceiver(recv *ast.FieldList) bool {
	if recv == nil {
		return true
	}
	for t := recv.List[0].Type; ; {
		switch e := t.(type) {
		case *ast.StarExpr:
			t = e.X
		case *ast.ParenExpr:
			t = e.X
		case *ast.IndexExpr:
			t = e.X
		case *ast.IndexListExpr:
			t = e.X
		case *ast.Ident:
			return e.IsExported()
		default:
			return false
		}
	}
}

// hasText reports whether a comment says something: directives such as go:generate do not.
func hasText(c *ast.CommentGroup) bool { return c.Text() != "" }
