package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// fakeStore keeps checkpoints in a slice.
type fakeStore struct {
	list      []*snapshot.Manifest
	kept      string
	collected bool
	closed    bool
}

func (f *fakeStore) List() []snapshot.Info {
	infos := []snapshot.Info{}
	for _, m := range f.list {
		infos = append(infos, snapshot.Info{ID: m.ID})
	}
	return infos
}

func (f *fakeStore) at(id uint64) int {
	return slices.IndexFunc(f.list, func(m *snapshot.Manifest) bool { return m.ID == id })
}

func (f *fakeStore) Load(id uint64) (*snapshot.Manifest, error) {
	switch i := f.at(id); {
	case i < 0:
		return nil, fmt.Errorf("load checkpoint %d: %w", id, snapshot.ErrNotFound)
	case f.list[i].Flow == "":
		return nil, snapshot.Damage{Checkpoint: id, Path: "dir", Err: errors.New("it is torn")}
	default:
		return f.list[i], nil
	}
}

func (f *fakeStore) Delete(id uint64, force bool) error {
	if f.at(id) < 0 {
		return snapshot.ErrNotFound
	}
	if f.at(id) == len(f.list)-1 && !force {
		return errors.New("it is the newest; force its deletion")
	}
	f.list = slices.Delete(f.list, f.at(id), f.at(id)+1)
	return nil
}

func (f *fakeStore) Collect(context.Context) error { f.collected = true; return nil }

func (f *fakeStore) Keep(id uint64, label string) error {
	f.kept = fmt.Sprint(id, " ", label)
	return nil
}

func (f *fakeStore) Verify(id uint64) []snapshot.Damage {
	if id == 5 {
		return []snapshot.Damage{{Checkpoint: 5, Path: "dir", Err: errors.New("a segment is damaged")}}
	}
	return nil
}

func (f *fakeStore) Close() error { f.closed = true; return nil }

func sampleManifests() []*snapshot.Manifest {
	ref := func(bytes, entries uint32) snapshot.Ref {
		return snapshot.Ref{Segment: snapshot.Segment{Entries: entries}, Bytes: bytes}
	}
	counts := func(refs ...snapshot.Ref) []snapshot.StateSnapshot {
		return []snapshot.StateSnapshot{{
			Step: "count", State: "sums", KeySchema: "string", ValueSchema: "{n int64\n late int64}",
			Segments: refs,
		}}
	}
	at := operator.TimestampOf(noon)
	return []*snapshot.Manifest{
		{Flow: "clicks", ID: 5, Fingerprint: "0123456789abcdef", Attempt: 1, KeyGroups: 128,
			Created: noon.Add(-time.Hour), Kind: snapshot.Savepoint, Label: "before\x1b the move"},
		{Flow: "clicks", ID: 6, Fingerprint: "0123456789abcdef", Attempt: 2, KeyGroups: 128,
			Created: noon.Add(-time.Second), Final: true, Tasks: []snapshot.TaskSnapshot{
				{Vertex: "lines", Watermark: int64(at), Splits: []snapshot.SplitOffset{
					{Step: "lines", ID: "a.csv", Offset: []byte("1024"), Watermark: int64(at)},
					{Step: "lines", ID: "b.csv", Offset: []byte{0, 0xff}, Done: true,
						Watermark: int64(operator.MaxTimestamp)},
				}},
				{Vertex: "count → out", Watermark: int64(operator.MinTimestamp),
					Commits: make([]snapshot.PendingCommit, 1), States: counts(ref(2048, 10), ref(512, 3))},
				{Vertex: "count → out", Subtask: 1, Watermark: int64(at), States: counts(ref(1024, 7))},
			}},
	}
}

func tryStore(t *testing.T, s *fakeStore, args string) trial {
	t.Helper()
	return try(t, nil, Options{
		now:   func() time.Time { return noon },
		store: func(string, *slog.Logger) (checkpointStore, error) { return s, nil },
	}, args)
}

func TestCheckpoints(t *testing.T) {
	for name, args := range map[string]string{
		"checkpoints-list.txt": "checkpoints list -state dir",
		"checkpoints-show.txt": "checkpoints show 6 -state dir",
	} {
		s := &fakeStore{list: sampleManifests()}
		got := tryStore(t, s, args)
		if got.code != ExitOK || !s.closed {
			t.Errorf("%s: exit code %d, closed %v, stderr %q", args, got.code, s.closed, got.stderr)
		}
		golden(t, name, got.stdout)
	}
}

func TestCheckpointActions(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"show 7", ExitFailure, "load checkpoint 7: no such checkpoint"},
		{"show x", ExitUsage, `checkpoint "x": want its number`},
		{"show 0", ExitUsage, `checkpoint "0": want its number`},
		{"verify 6", ExitOK, "checkpoint 6 is whole"},
		{"verify 5", ExitFailure, "a segment is damaged"},
		{"keep 6 june", ExitOK, `checkpoint 6 is kept as "june"`},
		{"keep 6 " + strings.Repeat("x", 121), ExitUsage, "longer than 120 bytes"},
		{"delete 5", ExitOK, "checkpoint 5 is deleted"},
		{"delete 7", ExitFailure, "no such checkpoint"},
		{"delete 6", ExitFailure, "force its deletion, with -force"},
	} {
		s := &fakeStore{list: sampleManifests()}
		got := tryStore(t, s, "checkpoints "+c.args+" -state dir")
		if out := got.stdout + got.stderr; got.code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit code %d, output %q, want %d, %q", c.args, got.code, out, c.code, c.want)
		}
		if !s.closed && c.code != ExitUsage {
			t.Errorf("%s: the store is not closed", c.args)
		}
	}
}

func TestDeleteForces(t *testing.T) {
	s := &fakeStore{list: sampleManifests()}
	got := tryStore(t, s, "checkpoints delete 6 -force -state dir")
	if got.code != ExitOK || len(s.list) != 1 || !s.collected {
		t.Errorf("exit code %d, %d left, collected %v, stderr %q",
			got.code, len(s.list), s.collected, got.stderr)
	}
}

func TestListWithDamage(t *testing.T) {
	s := &fakeStore{list: append(sampleManifests(), &snapshot.Manifest{ID: 7})}
	got := tryStore(t, s, "checkpoints list -state dir")
	if got.code != ExitFailure || strings.Count(got.stdout, "\n") != 3 ||
		!strings.Contains(got.stderr, "checkpoint 7: dir: it is torn") {
		t.Errorf("exit code %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
}

// TestCheckpointsOfRun looks into the directory that a run on the real engine
// has left.
func TestCheckpointsOfRun(t *testing.T) {
	o := Options{Flows: []*dataflow.Flow{copyFlow("copy")}}
	dir := t.TempDir()
	if got := try(t, nil, o, "-quiet -state "+dir); got.code != ExitOK {
		t.Fatal(got.stderr)
	}
	list := try(t, nil, Options{}, "checkpoints list -state "+dir)
	lines := strings.Split(strings.TrimSpace(list.stdout), "\n")
	if list.code != ExitOK || len(lines) < 2 {
		t.Fatalf("exit code %d, stdout %q, stderr %q", list.code, list.stdout, list.stderr)
	}
	id := strings.Fields(lines[len(lines)-1])[0]
	for _, c := range []struct{ args, want string }{
		{"show " + id, "checkpoint " + id + " of flow copy"},
		{"verify " + id, "is whole"},
		{"keep " + id + " june", "is kept"},
		{"delete -force " + id, "is deleted"},
	} {
		got := try(t, nil, Options{}, "checkpoints "+c.args+" -state "+dir)
		if got.code != ExitOK || !strings.Contains(got.stdout, c.want) {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q", c.args, got.code, got.stdout, got.stderr)
		}
	}
}

// TestCheckpointsInUse looks into a directory that a run has open.
func TestCheckpointsInUse(t *testing.T) {
	dir := t.TempDir()
	s, err := snapshot.Open(snapshot.Config{Dir: dir, Flow: "copy"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got := try(t, nil, Options{}, "checkpoints list -state "+dir)
	if got.code != ExitFailure || !strings.Contains(got.stderr, "another process has the state directory open") {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
}

func TestCheckpointsOfNothing(t *testing.T) {
	got := try(t, nil, Options{}, "checkpoints list -state "+t.TempDir())
	if got.code != ExitFailure || !strings.Contains(got.stderr, "it holds no checkpoints") {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
}

// TestDeleteRetiresNothing deletes one of more checkpoints than a run retains
// by default.
func TestDeleteRetiresNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := snapshot.Open(snapshot.Config{Dir: dir, Flow: "copy", Retain: 10})
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id := uint64(1); id <= 6; id++ {
		m := &snapshot.Manifest{Flow: "copy", ID: id, Generation: g, Attempt: 1, KeyGroups: 128}
		w, err := s.NewWriter(g, id, "a task", nil)
		if err == nil {
			err = errors.Join(w.Flush(), s.Publish(m))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := try(t, nil, Options{}, "checkpoints delete 2 -state "+dir)
	if got.code != ExitOK {
		t.Fatal(got.stderr)
	}
	list := try(t, nil, Options{}, "checkpoints list -state "+dir)
	if n := strings.Count(list.stdout, "\n"); n != 1+5 {
		t.Errorf("got %q, want 5 checkpoints", list.stdout)
	}
}
