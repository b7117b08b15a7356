package check

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// emptyNames say nothing of what is in a package, so anything ends up there.
var emptyNames = []string{
	"util", "utils", "common", "helpers", "helper", "manager", "types", "misc", "base",
}

var kebab = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

var nameRules = []Rule{
	{"package-names", "a package is named after its own vocabulary",
		eachFile(anyFile, checkPackageName)},
	{"step-names", "a step's name addresses its state, metrics and errors",
		eachFile(exampleFile, checkStepNames)},
}

func checkPackageName(f *File) []Finding {
	clause := strings.TrimSuffix(f.Syntax.Name.Name, "_test")
	for _, name := range []string{path.Base(f.Dir()), clause} {
		if slices.Contains(emptyNames, name) {
			return []Finding{f.at(f.Syntax.Package, "package name %s says nothing", name)}
		}
	}
	return nil
}

func exampleFile(f *File) bool { return match("examples/**", f.Dir()) && !f.IsTest() }

// step is a name given to a step of the DSL.
type step struct {
	Lit  *ast.BasicLit
	Name string
}

// checkStepNames takes each top-level declaration for one flow.
func checkStepNames(f *File) (found []Finding) {
	for _, flow := range flows(f) {
		seen := map[string]bool{}
		for _, s := range steps(f, flow) {
			if !kebab.MatchString(s.Name) {
				found = append(found, f.at(s.Lit.Pos(), "step name %q is not kebab-case", s.Name))
			}
			if seen[s.Name] {
				found = append(found, f.at(s.Lit.Pos(), "step name %q is given twice", s.Name))
			}
			seen[s.Name] = true
		}
	}
	return found
}

func flows(f *File) (nodes []ast.Node) {
	for _, decl := range f.Syntax.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok {
			nodes = append(nodes, decl)
			continue
		}
		for _, spec := range group.Specs {
			nodes = append(nodes, spec)
		}
	}
	return nodes
}

// steps lists the string literals that are second arguments of calls into dataflow and the packages
// below it.
func steps(f *File, flow ast.Node) (all []step) {
	ast.Inspect(flow, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		lit, ok := call.Args[1].(*ast.BasicLit)
		pkg, _, _ := f.selected(callee(call))
		if !ok || !under([]string{Module + "/dataflow"}, pkg) {
			return true
		}
		if name, err := strconv.Unquote(lit.Value); err == nil {
			all = append(all, step{lit, name})
		}
		return true
	})
	return all
}

// callee is what is called, without type arguments.
func callee(call *ast.CallExpr) ast.Expr {
	switch fun := call.Fun.(type) {
	case *ast.IndexExpr:
		return fun.X
	case *ast.IndexListExpr:
		return fun.X
	default:
		return fun
	}
}
