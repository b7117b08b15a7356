package dataflowtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// TestState checks a state backend: what stands behind [state.Keyed]. Open
// makes one; the test opens tables in it with [state.Open] and compares them
// with maps through random changes, captures that are completed, given up or
// overtaken by changes while they are written, crashes, and restores into as
// many and into other numbers of subtasks. Each of the subtests is one seed.
func TestState(t *testing.T, open func(state.Config) *state.Backend) {
	t.Helper()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			x := newStateTest(t, open, seed)
			for range 400 {
				x.act()
			}
			x.checkpoint()
			x.crash()
		})
	}
}

// counts is a table of plain values, words one of values that share memory.
const (
	countsTable = "counts"
	wordsTable  = "words"
)

// contents are the tables' contents.
type contents struct {
	counts map[string]int64
	words  map[int32][]string
}

func newContents() contents { return contents{map[string]int64{}, map[int32][]string{}} }

func (c contents) clone() contents {
	d := contents{maps.Clone(c.counts), maps.Clone(c.words)}
	for k, v := range d.words {
		d.words[k] = slices.Clone(v)
	}
	return d
}

// subtask is a backend with its tables.
type subtask struct {
	b      *state.Backend
	counts state.Keyed[string, int64]
	words  state.Keyed[int32, []string]
	tray   *tray
}

// stateTest drives backends beside the contents that they must have.
type stateTest struct {
	t      *testing.T
	r      *rand.Rand
	new    func(state.Config) *state.Backend
	groups int
	tasks  []*subtask

	want, frozen, saved contents // now, in the capture under way, in the vault
	vault               *vault
	capturing           bool

	hashText func(string) uint64
	hashInt  func(int32) uint64
}

func newStateTest(
	t *testing.T, open func(state.Config) *state.Backend, seed uint64,
) *stateTest {
	x := &stateTest{
		t: t, r: rand.New(rand.NewPCG(seed, 1)), new: open, want: newContents(),
		saved: newContents(), vault: newVault(),
	}
	x.groups = 1 << x.r.IntN(5)
	var err error
	if x.hashText, err = codec.HashFor[string](); err != nil {
		t.Fatal(err)
	}
	if x.hashInt, err = codec.HashFor[int32](); err != nil {
		t.Fatal(err)
	}
	x.restore(nil)
	return x
}

// restore starts a random number of subtasks.
func (x *stateTest) restore(from state.Restore) {
	x.t.Helper()
	n := 1 + x.r.IntN(min(3, x.groups))
	x.tasks = nil
	for i := range n {
		x.tasks = append(x.tasks, x.open(state.Config{
			Step: "step", Groups: x.groups, Range: state.RangeOf(i, n, x.groups), Restore: from,
		}))
	}
	x.check()
}

func (x *stateTest) open(cfg state.Config) *subtask {
	x.t.Helper()
	s := &subtask{b: x.new(cfg)}
	var err error
	s.counts, err = state.Open(s.b, state.Spec[string, int64]{
		Name: countsTable, Own: strings.Clone,
	})
	if err != nil {
		x.t.Fatal(err)
	}
	s.words, err = state.Open(s.b, state.Spec[int32, []string]{Name: wordsTable})
	if err != nil {
		x.t.Fatal(err)
	}
	return s
}

// of is the subtask that a hash belongs to.
func (x *stateTest) of(hash uint64) *subtask {
	return x.tasks[state.Route(len(x.tasks), x.groups)[state.GroupOf(hash, uint64(x.groups))]]
}

func (x *stateTest) act() {
	x.t.Helper()
	switch n := x.r.IntN(100); {
	case n < 90:
		for range 1 + x.r.IntN(20) {
			x.change()
		}
	case n < 92:
		x.sweep()
	case n < 97 && x.capturing:
		x.encode(1 + x.r.IntN(20))
	case n < 97:
		x.capture()
	case n < 98:
		x.abort()
	case n < 99:
		x.checkpoint()
	default:
		x.crash()
	}
}

// change makes one random change.
func (x *stateTest) change() {
	k := x.r.Int32N(300)
	text := fmt.Sprint("key ", k)
	s, hash := x.of(x.hashText(text)), x.hashText(text)
	if x.r.IntN(4) == 0 {
		_, had := x.want.counts[text]
		if got := s.counts.Delete(text, hash); got != had {
			x.t.Fatalf("delete %q: got %v, want %v", text, got, had)
		}
		delete(x.want.counts, text)
	} else {
		key := []byte(text) // memory that is used again
		v, created := s.counts.Update(unsafe.String(&key[0], len(key)), hash)
		clear(key)
		if _, had := x.want.counts[text]; created == had {
			x.t.Fatalf("update %q: created %v, want %v", text, created, !had)
		}
		*v += x.r.Int64N(1000)
		x.want.counts[text] = *v
	}
	x.changeWords(k)
}

// changeWords changes a slice in place, appends to it, or replaces it.
func (x *stateTest) changeWords(k int32) {
	s, hash := x.of(x.hashInt(k)), x.hashInt(k)
	word := fmt.Sprint(x.r.IntN(1000))
	words := x.want.words[k]
	if v := s.words.Get(k, hash); v != nil && len(*v) > 0 && x.r.IntN(2) == 0 {
		i, shared := x.r.IntN(len(*v)), *v
		shared[i], words[i] = word, word // by way of a copy, as a processor does
		v, _ = s.words.Update(k, hash)
		*v = shared
		return
	}
	v, _ := s.words.Update(k, hash)
	switch {
	case x.r.IntN(5) == 0:
		s.words.Delete(k, hash)
		delete(x.want.words, k)
		return
	default:
		*v, words = append(*v, word), append(words, word)
	}
	x.want.words[k] = words
}

// sweep deletes some entries while ranging over all.
func (x *stateTest) sweep() {
	for _, s := range x.tasks {
		s.counts.Range(func(k string, _ *int64) bool {
			if x.r.IntN(3) == 0 {
				s.counts.Delete(k, x.hashText(k))
				delete(x.want.counts, k)
			}
			return true
		})
	}
}

func (x *stateTest) capture() {
	if x.capturing {
		return
	}
	x.capturing, x.frozen = true, x.want.clone()
	full := x.r.IntN(10) == 0
	for _, s := range x.tasks {
		s.tray = &tray{}
		if err := s.b.Capture(s.tray, full); err != nil {
			x.t.Fatal(err)
		}
	}
}

func (x *stateTest) encode(budget int) (done bool) {
	done = true
	for _, s := range x.tasks {
		d, err := s.b.Encode(budget)
		if err != nil {
			x.t.Fatal(err)
		}
		done = done && d
	}
	return done
}

func (x *stateTest) abort() {
	for _, s := range x.tasks {
		s.b.Abort()
	}
	x.capturing = false
}

// checkpoint ends the capture under way, or a new one, with changes between
// its slices.
func (x *stateTest) checkpoint() {
	x.capture()
	for !x.encode(1 + x.r.IntN(50)) {
		x.change()
	}
	x.change()
	for _, s := range x.tasks {
		x.vault = x.vault.with(s.tray.blocks, s.b.Schemas())
		s.b.Complete()
	}
	x.capturing, x.saved = false, x.frozen
}

// crash goes back to the last checkpoint.
func (x *stateTest) crash() {
	x.capturing, x.want = false, x.saved.clone()
	x.restore(x.vault)
}

// check compares all entries, by Range and by Get.
func (x *stateTest) check() {
	x.t.Helper()
	got := newContents()
	n := 0
	for _, s := range x.tasks {
		s.counts.Range(func(k string, v *int64) bool { got.counts[k] = *v; return true })
		s.words.Range(func(k int32, v *[]string) bool { got.words[k] = *v; return true })
		n += s.counts.Len() + s.words.Len()
	}
	if !reflect.DeepEqual(got, x.want) {
		x.t.Fatalf("restored %v, want %v", got, x.want)
	}
	if want := len(got.counts) + len(got.words); n != want {
		x.t.Fatalf("restored tables have %d entries by Len, %d by Range", n, want)
	}
	for k, want := range x.want.counts {
		hash := x.hashText(k)
		if v := x.of(hash).counts.Get(k, hash); v == nil || *v != want {
			x.t.Fatalf("get %q: got %v, want %d", k, v, want)
		}
	}
}
