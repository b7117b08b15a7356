package nexmark

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/generate"
	"github.com/flyball-stream/flyball/test/nexmark/model"
	"github.com/flyball-stream/flyball/test/process"
)

// TestProgram runs the queries as a user would, by the program and its flags:
// on a file to the end and once more, where nothing is left to do.
func TestProgram(t *testing.T) {
	bin := build(t)
	s := mixed(t, *seed, events())
	for _, w := range ways() {
		t.Run(w.String(), func(t *testing.T) {
			p := program{bin: bin, way: w, dir: t.TempDir()}
			for parallelism := 2; parallelism <= 3; parallelism++ {
				end(t, p.start(t, parallelism, "-events", s.path))
				s.check(t, w, p.out())
			}
		})
	}
}

// TestProgramResumes interrupts the program after three checkpoints, goes on
// with more subtasks, kills it after some more, and lets it end. The stream
// takes more than a second, whatever the machine.
func TestProgramResumes(t *testing.T) {
	bin := build(t)
	rnd := rand.New(rand.NewPCG(*seed, 3))
	s, flags, options := paced(t)
	interrupted, killed := 0, 0
	for _, w := range ways() {
		t.Run(w.String(), func(t *testing.T) {
			p := program{bin: bin, way: w, dir: t.TempDir()}
			if signalled(t, p.start(t, 2, flags...), 3, os.Interrupt) {
				interrupted++
			}
			if signalled(t, p.start(t, 3, flags...), 1+rnd.IntN(5), os.Kill) {
				killed++
			}
			end(t, p.start(t, 1+rnd.IntN(3), flags...))
			s.checkWith(t, w, options, p.out())
		})
	}
	t.Logf("of %d: %d interrupted, %d killed", len(ways()), interrupted, killed)
	if all := len(ways()); !t.Failed() && (interrupted < all/2 || killed < all/2) {
		t.Errorf("of %d programs %d were interrupted and %d killed before they had ended, "+
			"want most", all, interrupted, killed)
	}
}

// paced is a stream that the program generates at its pace, the flags that say
// so, and settings unlike the usual.
func paced(t *testing.T) (s stream, flags []string, o model.Options) {
	t.Helper()
	const n, perSecond, parts = 1200, 1000, 5
	s = fromGenerator(t, generate.Config{Seed: *seed, Rate: perSecond, Splits: parts}, n)
	o = model.Options{
		Window: 200 * time.Millisecond, Slide: 40 * time.Millisecond, Gap: 30 * time.Millisecond,
		Modulus: 7, Category: 11, States: []string{"WA", "AZ"}, Sales: 3, Top: 4,
		Side: map[int64]string{}, SideKeys: 100,
	}
	for key := range o.SideKeys {
		o.Side[key] = fmt.Sprint(key)
	}
	return s, strings.Fields(fmt.Sprintf("-n %d -rate %d -splits %d -seed %d -interval 5ms "+
		"-window %v -slide %v -gap %v -modulus %d -category %d -states %s -sales %d -top %d "+
		"-side-keys %d -http 127.0.0.1:0", n, perSecond, parts, *seed, o.Window, o.Slide, o.Gap,
		o.Modulus, o.Category, strings.Join(o.States, ","), o.Sales, o.Top, o.SideKeys)), o
}

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program")
	}
	bin := filepath.Join(t.TempDir(), "nexmark")
	cmd := exec.Command("go", "build", "-o", bin, "../../examples/nexmark")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// program is the program with the directories of one query.
type program struct {
	bin string
	way
	dir string
}

func (p program) out() string { return filepath.Join(p.dir, "out") }

// start starts the program with flags besides the usual.
func (p program) start(t *testing.T, parallelism int, flags ...string) *process.Process {
	t.Helper()
	args := append([]string{"run", "-query", p.query.Name, "-out", p.out(),
		"-state", filepath.Join(p.dir, "state"), "-parallelism", fmt.Sprint(parallelism)}, flags...)
	if p.final {
		args = append(args, "-final")
	}
	return process.Program(t, patience, p.bin, args...)
}

// end lets a program end.
func end(t *testing.T, p *process.Process) {
	t.Helper()
	p.End(t)
	if !strings.Contains(p.Stderr, " ended: ") {
		t.Errorf("program: got killed %v and %q, want its end", p.Killed, p.Stderr)
	}
}

// signalled sends a program a signal after some checkpoints, and reports
// whether it did before the program ended.
func signalled(t *testing.T, p *process.Process, checkpoints int, s os.Signal) bool {
	t.Helper()
	ended := func() bool { return strings.Contains(p.Said(), " ended: ") }
	p.Await(t, "checkpoints or the end", func() bool {
		return ended() || completed(p.Said()) >= checkpoints
	})
	if !ended() {
		_ = p.Signal(s) // it may have ended since
	}
	p.End(t)
	return p.Killed || strings.Contains(p.Stderr, " stopped: ")
}

var (
	statusURL = regexp.MustCompile(`http://[0-9.:]+/`)
	metric    = regexp.MustCompile(`flyball_checkpoints_total\{.*\} (\d+)`)
)

// completed asks a program that has said where how many checkpoints it has
// completed. One that does not answer has none.
func completed(said string) int {
	response, err := http.Get(statusURL.FindString(said) + "metrics")
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	found := metric.FindSubmatch(text)
	if err != nil || found == nil {
		return 0
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		return 0
	}
	return n
}
