package check

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// power is something that only listed files may do, because whoever reads such a file has to think
// of more than its lines.
type power string

const (
	spawn  power = "start goroutines"
	lock   power = "lock"
	atomic power = "use atomics"
	pool   power = "pool memory"
	clock  power = "use the wall clock"
	output power = "print to standard output"
	logger power = "use the global logger"
	exit   power = "exit the process"
	random power = "use the global random source"
	crash  power = "panic"
)

// allowance gives files powers.
type allowance struct {
	Files  string // a pattern of paths
	Powers []power
	Why    string
}

var allowances = []allowance{
	{"test/nexmark/measure/child.go", []power{spawn, clock},
		"a trial is timed, and its memory sampled beside it"},
	{"test/nexmark/measure/sink.go", []power{lock, clock}, "latency is that of all sinks together"},
	{"test/nexmark/measure/main.go", []power{exit}, "a command ends with a status"},
	{"test/governor/measure/child.go", []power{spawn, lock, clock},
		"a trial is timed and looked at beside it, and the job tells of itself meanwhile"},
	{"test/governor/measure/watch.go", []power{clock}, "rates are counts over time"},
	{"test/governor/measure/sink.go", []power{lock, clock},
		"latency is that of all sinks together, and a sink can be made to stall"},
	{"test/governor/measure/main.go", []power{exit}, "a command ends with a status"},
	{"test/governor/replay/wait.go", []power{lock, clock},
		"records leave when they are due, and whoever times them asks when they did"},
	{"actors/channel.go", []power{atomic}, "two tasks share the credits of a local channel"},
	{"actors/persist.go", []power{lock}, "a frozen snapshot is written beside the task"},
	{"actors/conditions.go", []power{atomic, lock}, "tasks go by what the job and its writers say"},
	{"actors/clock.go", []power{clock}, "the one place that turns time into messages"},
	{"actors/environment.go", []power{spawn, lock}, "what runs beside tasks is started and awaited here"},
	{"actors/attempt.go", []power{spawn}, "tasks and what stops them are started here"},
	{"actors/engine.go", []power{lock}, "callers of the engine are not actors"},
	{"actors/jobstats.go", []power{lock}, "observers read while the job counts"},
	{"actors/meter.go", []power{atomic}, "observers read while a task counts"},
	{"actors/message.go", []power{pool}, "envelopes of batches are reused"},
	{"actors/snapshot/*.go", []power{spawn, lock, atomic}, "tasks share one store"},
	{"cluster/main.go", []power{exit}, "the exit status is the command's answer"},
	{"cluster/cmd/flyball/main.go", []power{exit}, "a command"},
	{"dataflow/file/stdin.go", []power{spawn}, "a read of standard input cannot be interrupted"},
	{"dataflow/file/watch.go", []power{clock}, "not every file system tells of changes; some is polled"},
	{"dataflow/gen/pace.go", []power{clock}, "a rate is records a second"},
	{"examples/nexmark/generate/pace.go", []power{clock}, "events leave when they are due"},
	{"cluster/clock.go", []power{clock}, "a command line lives in real time"},
	{"cluster/decisions.go", []power{lock}, "tasks decide at the same time"},
	{"test/law/law.go", []power{crash}, "a test with a policy that cannot be must not run"},
	{"cluster/run.go", []power{spawn, lock}, "a run waits for its job and for interrupts"},
	{"cluster/console.go", []power{lock}, "messages and the progress line share a terminal"},
	{"cluster/progress.go", []power{spawn, clock}, "the progress line is drawn beside the job"},
	{"cluster/drawing.go", []power{spawn, lock, clock}, "a run is sampled beside the job, which tells of events"},
	{"cluster/http.go", []power{spawn}, "a server answers beside the job"},
	{"dataflow/operator/pool.go", []power{pool}, "batches are reused, measured as worth it"},
	{"dataflow/dataflowtest/slice.go", []power{lock}, "readers of two attempts may overlap"},
	{"dataflow/dataflowtest/collect.go", []power{lock}, "tasks write it while a test reads it"},
	{"dataflow/dataflowtest/source.go", []power{spawn}, "splits are to be read concurrently"},
	{"test/process/child.go", []power{spawn, exit}, "a child ends with its parent"},
	{"test/process/death.go", []power{lock, clock}, "any goroutine of a job may be where it ends"},
	{"test/process/process.go", []power{clock, lock}, "processes live in real time and are heard meanwhile"},
	{"test/sample/main.go", []power{exit}, "a command"},
}

var confinementRules = []Rule{
	{"confinement", "what needs thought about threads, time or the process is in few, listed files",
		eachFile(productFile, checkPowers)},
	{"no-sleep-in-tests", "a test that sleeps is slow or flaky; use test/virtual",
		eachFile((*File).IsTest, checkSleep)},
}

// powersOf maps package and name to the power that using it is. The name * is every other name.
var powersOf = map[string]map[string]power{
	"time": {"Now": clock, "Since": clock, "Until": clock, "Sleep": clock, "After": clock,
		"AfterFunc": clock, "NewTimer": clock, "NewTicker": clock, "Tick": clock},
	"sync": {"Mutex": lock, "RWMutex": lock, "Cond": lock, "NewCond": lock, "Map": lock,
		"Pool": pool, "WaitGroup": spawn},
	"sync/atomic":                {"*": atomic},
	"golang.org/x/sync/errgroup": {"*": spawn},
	"fmt":                        {"Print": output, "Printf": output, "Println": output},
	"log":                        {"*": logger},
	"os":                         {"Exit": exit},
	"math/rand":                  seeded("New", "NewSource", "NewZipf", "Rand", "Source", "Zipf"),
	"math/rand/v2":               seeded("New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG"),
}

// builtins are the powers of predeclared functions.
var builtins = map[string]power{"panic": crash, "print": output, "println": output}

// seeded makes every name of a package the random power but those that need a seed.
func seeded(free ...string) map[string]power {
	powers := map[string]power{"*": random}
	for _, name := range free {
		powers[name] = ""
	}
	return powers
}

// use is one use of a power.
type use struct {
	Power power
	Pos   token.Pos
	Text  string // the source's words for it
}

// uses lists the powers that a file uses, in order.
func uses(f *File) (all []use) {
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if u, ok := useAt(f, n); ok {
			all = append(all, u)
		}
		return true
	})
	return all
}

func useAt(f *File, n ast.Node) (use, bool) {
	switch n := n.(type) {
	case *ast.GoStmt:
		return use{spawn, n.Pos(), "go"}, true
	case *ast.CallExpr:
		id, ok := n.Fun.(*ast.Ident)
		if !ok || builtins[id.Name] == "" {
			return use{}, false
		}
		return use{builtins[id.Name], n.Pos(), id.Name}, true
	case *ast.SelectorExpr:
		pkg, name, _ := f.selected(n)
		p, ok := powersOf[pkg][name]
		if !ok {
			p = powersOf[pkg]["*"]
		}
		return use{p, n.Pos(), pkg + "." + name}, p != ""
	}
	return use{}, false
}

func checkPowers(f *File) (found []Finding) {
	for _, u := range uses(f) {
		if !allowed(f.Path, u.Power) {
			found = append(found, f.at(u.Pos, "%s: this file may not %s", u.Text, u.Power))
		}
	}
	return found
}

func allowed(path string, p power) bool {
	return slices.ContainsFunc(allowances, func(a allowance) bool {
		return match(a.Files, path) && slices.Contains(a.Powers, p)
	})
}

// Unused lists the allowances that no file of the tree makes use of, as "pattern: power".
func Unused(t *Tree) (unused []string) {
	used := map[string]bool{}
	for _, f := range t.Go {
		for _, u := range uses(f) {
			for _, a := range allowances {
				if match(a.Files, f.Path) {
					used[a.Files+": "+string(u.Power)] = true
				}
			}
		}
	}
	for _, a := range allowances {
		for _, p := range a.Powers {
			if row := a.Files + ": " + string(p); !used[row] {
				unused = append(unused, row)
			}
		}
	}
	return unused
}

// checkSleep finds sleeps other than those in a function literal given to synctest or to
// test/virtual, which sleep in virtual time.
func checkSleep(f *File) (found []Finding) {
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if pkg, _, _ := f.selected(call.Fun); strings.HasSuffix(pkg, "testing/synctest") ||
				strings.HasSuffix(pkg, "test/virtual") {
				return false
			}
		}
		if pkg, name, _ := f.selected(n); pkg == "time" && name == "Sleep" {
			found = append(found, f.at(n.Pos(), "time.Sleep outside a synctest bubble"))
		}
		return true
	})
	return found
}
