package check

import "strings"

// layer is what a part of the repository may import of the repository.
type layer struct {
	Dir string   // the part: a pattern of directories
	May []string // directories it may import, itself included
	Why string
}

// layers are searched in order; the first that covers a directory holds. Tests may import anything.
var layers = []layer{
	{"proto/**", nil, "schemas know nothing of those who use them"},
	{"dataflow/dataflowtest", []string{"dataflow/**", "actors"},
		"users' tests run flows on the real engine; nothing but tests imports it"},
	{"dataflow/**", []string{"dataflow/**"}, "what the user says does not depend on how it is run"},
	{"governor/**", []string{"governor/**"}, "regulation knows no plan, task or message"},
	{"actors/**", []string{"actors/**", "dataflow/**", "governor/**", "proto/**"},
		"running in one process does not depend on there being others"},
	{"cluster/**", []string{"cluster/**", "actors/**", "dataflow/**", "governor/**", "proto/**"},
		"a node does not depend on particular flows"},
	{"examples/nexmark/**", []string{"examples/nexmark/**", "examples/results", "dataflow/**", "cluster"},
		"an example of several packages"},
	{"examples/**", []string{"examples/results", "dataflow/**", "cluster"},
		"an example uses what a user would, and shows its results as others do"},
	{"test/check", nil, "the rules must stand if everything else is broken"},
	{"test/**", []string{"**"}, "judges may look at anything"},
}

// dependency is who may import the packages of another module.
type dependency struct {
	Paths []string // import paths and all below them
	By    []string // patterns of directories
	Why   string
}

// dependencies has a row for every module that product code imports. Paths are searched in order.
var dependencies = []dependency{
	{[]string{"github.com/dgraph-io/badger"}, []string{"actors/snapshot"},
		"one place knows how snapshots are stored and translates the store's errors"},
	{[]string{"github.com/asynkron/protoactor-go"}, []string{"actors"},
		"one place decides how tasks are scheduled and how messages reach them"},
	{[]string{"github.com/hashicorp/memberlist"}, []string{"cluster"},
		"one place knows who the members are"},
	{[]string{"github.com/prometheus/procfs"},
		[]string{"test/nexmark/measure", "test/governor/measure", "actors/snapshot"},
		"what a process uses is measured from outside the engine; the store finds its mappings by it"},
	{[]string{"github.com/prometheus"}, []string{"cluster/**", "actors/metrics"},
		"metrics are exported at the edge; the core counts in plain fields"},
	{[]string{"github.com/urfave/cli"}, []string{"cluster/**"}, "only the node has a command line"},
	{[]string{"github.com/klauspost/compress"}, []string{"dataflow/file/**", "actors/snapshot"},
		"only files and snapshots are compressed"},
	{[]string{"github.com/fsnotify/fsnotify"}, []string{"dataflow/file/**"},
		"only the file source follows growing files"},
	{[]string{"google.golang.org/protobuf", Module + "/proto"},
		[]string{"proto/**", "actors/**", "cluster/**"},
		"schemas are for disk and wire; operators and deciders see Go types"},
	{[]string{"github.com/cespare/xxhash"}, []string{"dataflow/**", "actors/**"},
		"key groups, fingerprints and checks on stored blocks hash alike"},
	{[]string{"github.com/dustin/go-humanize", "golang.org/x/term"}, []string{"actors", "cluster/**"},
		"figures for people: the bound that is printed at start, and the command line"},
	{[]string{"github.com/HdrHistogram", "github.com/wcharczuk/go-chart"},
		[]string{"test/nexmark/measure", "test/governor/measure"}, "figures and pictures of measurements"},
	{[]string{"golang.org/x/sys"}, []string{"actors/snapshot"},
		"only the store asks the kernel for more than files: to forget what is written"},
	{[]string{"golang.org/x/sync"}, []string{"actors/**", "cluster/**"},
		"only those who run things wait for each other"},
}

// ban is what a part of the repository may not import of the standard library.
type ban struct {
	Dir    string
	Except []string
	Paths  []string // import paths and all below them
	Why    string
}

var bans = []ban{
	{"dataflow/**", []string{"dataflow/file/**"}, []string{"os", "net", "syscall"},
		"the graph and its operators are values; connectors do the I/O"},
	{"governor/**", nil, []string{"os", "net", "syscall", "context", "sync", "log"},
		"deciders are single-threaded and do no I/O"},
}

var importRules = []Rule{
	{"layers", "imports go down: examples,test -> cluster -> actors -> governor,dataflow -> proto",
		eachFile(productFile, checkLayer)},
	{"one-importer", "what one package imports can be replaced by changing one package",
		eachFile(productFile, checkDependencies)},
	{"pure", "pure code is tested without a machine around it", eachFile(productFile, checkBans)},
	{"dot-imports", "a reader must see where a name is from", eachFile(anyFile, checkDotImports)},
}

func checkLayer(f *File) (found []Finding) {
	l, ok := layerOf(f.Dir())
	if !ok {
		return []Finding{f.at(f.Syntax.Package, "package outside the layers: add a row to layers")}
	}
	for _, spec := range f.Syntax.Imports {
		dir, ours := strings.CutPrefix(importPath(spec), Module+"/")
		if ours && !matchAny(l.May, dir) && !matchAny(l.May, "**") {
			found = append(found, f.at(spec.Pos(), "%s may not import %s: %s", l.Dir, dir, l.Why))
		}
	}
	return found
}

func layerOf(dir string) (layer, bool) {
	for _, l := range layers {
		if match(l.Dir, dir) {
			return l, true
		}
	}
	return layer{}, false
}

func checkDependencies(f *File) (found []Finding) {
	for _, spec := range f.Syntax.Imports {
		p := importPath(spec)
		d, ok := dependencyOf(p)
		switch {
		case ok && !matchAny(d.By, f.Dir()):
			found = append(found, f.at(spec.Pos(), "%s may not import %s: %s", f.Dir(), p, d.Why))
		case !ok && foreign(p):
			found = append(found, f.at(spec.Pos(), "%s is not known: add a row to dependencies", p))
		}
	}
	return found
}

func dependencyOf(importPath string) (dependency, bool) {
	for _, d := range dependencies {
		if under(d.Paths, importPath) {
			return d, true
		}
	}
	return dependency{}, false
}

// foreign reports whether a path is neither ours nor the standard library's, whose first elements
// have no dot.
func foreign(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".") && !under([]string{Module}, importPath)
}

func checkBans(f *File) (found []Finding) {
	for _, b := range bans {
		if !match(b.Dir, f.Dir()) || matchAny(b.Except, f.Dir()) {
			continue
		}
		for _, spec := range f.Syntax.Imports {
			if p := importPath(spec); under(b.Paths, p) {
				found = append(found, f.at(spec.Pos(), "%s may not import %s: %s", b.Dir, p, b.Why))
			}
		}
	}
	return found
}

func checkDotImports(f *File) (found []Finding) {
	for _, spec := range f.Syntax.Imports {
		if spec.Name != nil && spec.Name.Name == "." {
			found = append(found, f.at(spec.Pos(), "dot import of %s", importPath(spec)))
		}
	}
	return found
}

// under reports whether p is one of paths or below one.
func under(paths []string, p string) bool {
	for _, top := range paths {
		if p == top || strings.HasPrefix(p, top+"/") {
			return true
		}
	}
	return false
}
