package snapshot

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// model is what a store must hold: the refs of every retained checkpoint.
type model struct {
	retain    int
	published []uint64 // retained, oldest first
	refs      map[uint64][]Ref
	kept      map[uint64]bool
	last      []Ref // of the checkpoint that the next one builds on
	pinned    bool  // last was published by this store, and stays usable even if it is deleted
}

func (m *model) collect() {
	n := 0
	for i := len(m.published) - 1; i >= 0; i-- {
		id := m.published[i]
		if m.kept[id] {
			continue
		}
		if n++; n > m.retain {
			m.drop(id)
		}
	}
}

func (m *model) drop(id uint64) {
	m.published = slices.DeleteFunc(m.published, func(p uint64) bool { return p == id })
	delete(m.refs, id)
	delete(m.kept, id)
}

// restart builds on the newest retained checkpoint.
func (m *model) restart() {
	m.last, m.pinned = nil, false
	if n := len(m.published); n > 0 {
		m.last = m.refs[m.published[n-1]]
	}
}

// next chooses what a checkpoint consists of: some segments of the last one and all fresh ones.
func (m *model) next(rng *rand.Rand, fresh []Ref) []Ref {
	refs := fresh
	for _, r := range m.last {
		if rng.IntN(4) > 0 && len(refs) < 200 {
			refs = append(refs, r)
		}
	}
	return refs
}

// TestCollectAgainstModel does random things in random order, and a collection in the middle of
// every other checkpoint. Every retained checkpoint must stay whole, and only these stay.
func TestCollectAgainstModel(t *testing.T) {
	steps, seeds := 150, 4
	if testing.Short() {
		steps, seeds = 60, 2
	}
	var moved int64
	for seed := range seeds {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(seed), 7))
			cfg := testConfig(t, t.TempDir())
			cfg.Retain = 1 + seed%3
			p := player{cfg: cfg, rng: rng, model: model{
				retain: cfg.Retain, refs: map[uint64][]Ref{}, kept: map[uint64]bool{},
			}}
			p.reopen(t)
			for range steps {
				p.step(t)
			}
			p.check(t)
			moved += p.store.Stats().MovedBytes
			if err := p.store.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
	if moved == 0 {
		t.Error("no segment was moved: the test does not reach the mover")
	}
}

type player struct {
	cfg   Config
	rng   *rand.Rand
	model model
	store owned
}

func (p *player) step(t *testing.T) {
	t.Helper()
	switch op := p.rng.IntN(20); {
	case op < 11:
		p.checkpoint(t)
	case op == 11:
		p.write(t) // never published
	case op == 12:
		p.store = begin(t, p.store.Store)
	case op == 13:
		p.reopen(t)
	case op < 16:
		p.collect(t)
	case op == 16:
		p.keep(t)
	case op == 17:
		p.delete(t)
	default:
		p.check(t)
	}
}

func (p *player) write(t *testing.T) (uint64, []Ref) {
	t.Helper()
	id := p.store.NextCheckpoint()
	groups := make([]int, 1+p.rng.IntN(20))
	for i := range groups {
		groups[i] = p.rng.IntN(1000)
	}
	return id, p.store.write(t, id, 200+p.rng.IntN(30<<10), groups...)
}

func (p *player) checkpoint(t *testing.T) {
	t.Helper()
	id, fresh := p.write(t)
	if p.rng.IntN(2) == 0 {
		p.collect(t)
	}
	refs := p.model.next(p.rng, fresh)
	p.store.publish(t, id, refs)
	p.model.published = append(p.model.published, id)
	p.model.refs[id], p.model.last, p.model.pinned = refs, refs, true
}

func (p *player) collect(t *testing.T) {
	t.Helper()
	if err := p.store.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.model.collect()
}

func (p *player) reopen(t *testing.T) {
	t.Helper()
	if p.store.Store != nil {
		if err := p.store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(p.cfg)
	if err != nil {
		t.Fatal(err)
	}
	p.store = begin(t, s)
	p.model.restart()
}

func (p *player) any() (uint64, bool) {
	if len(p.model.published) == 0 {
		return 0, false
	}
	return p.model.published[p.rng.IntN(len(p.model.published))], true
}

func (p *player) keep(t *testing.T) {
	t.Helper()
	id, ok := p.any()
	if !ok || len(p.model.kept) > 3 {
		return
	}
	if err := p.store.Keep(id, "kept"); err != nil {
		t.Fatal(err)
	}
	p.model.kept[id] = true
}

func (p *player) delete(t *testing.T) {
	t.Helper()
	id, ok := p.any()
	if !ok {
		return
	}
	if err := p.store.Delete(id, true); err != nil {
		t.Fatal(err)
	}
	p.model.drop(id)
	if !p.model.pinned {
		p.model.restart()
	}
}

// check reads everything.
func (p *player) check(t *testing.T) {
	t.Helper()
	var got []uint64
	for _, i := range p.store.List() {
		got = append(got, i.ID)
		m, err := p.store.Load(i.ID)
		if err != nil {
			t.Fatal(err)
		}
		if refs := m.Tasks[0].States[0].Segments; !slices.Equal(refs, p.model.refs[i.ID]) {
			t.Fatalf("checkpoint %d has other segments than were published", i.ID)
		}
		checkWhole(t, p.store.Store, m)
	}
	if !slices.Equal(got, p.model.published) {
		t.Fatalf("retained checkpoints: got %v, want %v", got, p.model.published)
	}
}

// TestCollectBesideWriting: volumes that hold nothing but a checkpoint not yet published stay.
func TestCollectBesideWriting(t *testing.T) {
	s := openTest(t, t.TempDir())
	o := begin(t, s)
	refs := o.write(t, 1, 50<<10, upto(100)...) // five volumes
	if err := s.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.publish(t, 1, refs)
	checkWhole(t, s, latest(t, s))
	before := s.Stats().Volumes
	o.write(t, 2, 50<<10, upto(100)...) // given up
	o.publish(t, 3, o.write(t, 3, 10, 1))
	if err := s.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Besides the one being written, one may still be sealed beside it.
	if n := s.Stats().Volumes; n > before+2 {
		t.Errorf("volumes after an abandoned checkpoint: got %d, want at most %d", n, before+2)
	}
}

// TestSpace writes many small checkpoints over a large base, in which each replaces random
// segments, and watches the disk.
func TestSpace(t *testing.T) {
	groups, size, rounds := 400, 64<<10, 300 // 26 MB, of which each checkpoint replaces a tenth
	if testing.Short() {
		groups, rounds = 200, 40
	}
	cfg := testConfig(t, t.TempDir())
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o := begin(t, s)
	rng := rand.New(rand.NewPCG(3, 4))
	current := map[int]Ref{}
	var worst float64
	for id := uint64(1); id <= uint64(rounds); id++ {
		fresh := upto(groups)
		if id > 1 {
			rng.Shuffle(groups, func(i, j int) { fresh[i], fresh[j] = fresh[j], fresh[i] })
			fresh = fresh[:groups/10]
		}
		for _, r := range o.write(t, id, size, fresh...) {
			current[int(r.KeyGroup)] = r
		}
		o.publish(t, id, slices.Collect(maps.Values(current)))
		if err := s.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		st := s.Stats()
		worst = max(worst, float64(st.DiskBytes)/float64(st.LiveBytes))
	}
	st := s.Stats()
	t.Logf("%d checkpoints, written %d MB, moved %d MB, live %d MB, disk %d MB in %d volumes, "+
		"at worst %.2f times what is live", rounds, st.WrittenBytes>>20, st.MovedBytes>>20,
		st.LiveBytes>>20, st.DiskBytes>>20, st.Volumes, worst)
	if worst > 4 {
		t.Errorf("disk use is %.2f times what is live, want at most 4", worst)
	}
	checkWhole(t, s, latest(t, s))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestConcurrentUse reads, lists and collects beside writers and publications.
func TestConcurrentUse(t *testing.T) {
	s := openTest(t, t.TempDir())
	o := begin(t, s)
	refs := o.write(t, 1, 30<<10, upto(20)...)
	o.publish(t, 1, refs)
	done := make(chan struct{})
	var beside sync.WaitGroup
	for range 2 {
		beside.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := s.Collect(t.Context()); err != nil {
					t.Error(err)
					return
				}
				if m, _, err := s.Latest(); err != nil || s.Verify(m.ID) != nil && isRetained(s, m.ID) {
					t.Errorf("Latest: %+v, %v", m, err)
					return
				}
			}
		})
	}
	rounds := 60
	if testing.Short() {
		rounds = 20
	}
	for id := uint64(2); id < uint64(rounds); id++ {
		parts := make([][]Ref, 3)
		var tasks sync.WaitGroup
		for i := range parts {
			tasks.Go(func() { parts[i] = o.write(t, id, 20<<10, i, i+3) })
		}
		tasks.Wait()
		refs = append(slices.Concat(parts...), refs[:min(len(refs), 14)]...)
		o.publish(t, id, refs)
	}
	close(done)
	beside.Wait()
}

func isRetained(s *Store, id uint64) bool {
	return slices.ContainsFunc(s.List(), func(i Info) bool { return i.ID == id })
}
