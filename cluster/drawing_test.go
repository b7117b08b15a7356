package cluster

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
)

// TestPicture runs a flow really and finds the final checkpoint in its picture.
func TestPicture(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.svg")
	o := Options{Flows: []*dataflow.Flow{copyFlow("copy")}}
	got := try(t, nil, o, "-latency 1s -state "+filepath.Join(dir, "state")+" -picture "+path)
	if got.code != ExitOK {
		t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
	}
	svg := parsePicture(t, path)
	if svg.classes["band"] < 4 { // one a panel, and one in the key
		t.Errorf("got %d bands, want a checkpoint in each of 3 panels and the key", svg.classes["band"])
	}
	if svg.classes["line"] < 4 {
		t.Errorf("got %d lines, want read, written, inside and in use", svg.classes["line"])
	}
	for _, want := range []string{"flow copy, policy governor", "goal 1s", "records a second"} {
		if !strings.Contains(svg.text, want) {
			t.Errorf("got texts %q, want %q among them", svg.text, want)
		}
	}
	only(t, dir, "run.svg", "state")
}

// TestPictureOfFailure has a checkpoint, one that fails, a restart and a failure
// at the end: of all that, the picture tells.
func TestPictureOfFailure(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.svg")
	write(t, path, "an older picture")
	job := &fakeJob{stats: sampleStats()}
	job.run = func(context.Context) error {
		e := job.cfg.Events
		e.Checkpoint(actors.CheckpointInfo{ID: 1, At: time.Now(), Duration: time.Millisecond})
		e.CheckpointFailed(2, errors.New("disk full"))
		e.Restarting(1, time.Second, errors.New("a < b"))
		if got := read(t, path); got != "an older picture" {
			t.Errorf("during the run: got %q, want the older picture", got)
		}
		only(t, dir, "run.svg")
		return errors.New("boom")
	}
	got := try(t, job, Options{Flows: []*dataflow.Flow{copyFlow("copy")}}, "-picture "+path)
	if got.code != ExitFailure || !strings.Contains(got.stderr, "boom") {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	svg := parsePicture(t, path)
	if svg.classes["band"] != 4 || svg.classes["mark"] != 2*3+1 {
		t.Errorf("got %v, want a band and 2 marks in each of 3 panels and a key", svg.classes)
	}
	for _, want := range []string{"checkpoint 2 failed: disk full", "restart 1: a < b"} {
		if strings.Count(svg.text, want) != 3 {
			t.Errorf("got texts %q, want %q thrice", svg.text, want)
		}
	}
	only(t, dir, "run.svg")
}

// TestPictureAborted draws even a run that hangs and is aborted.
func TestPictureAborted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.svg")
	interrupts := make(chan os.Signal, 2)
	interrupts <- os.Interrupt
	interrupts <- os.Interrupt
	hang := make(chan struct{})
	defer close(hang)
	job := &fakeJob{run: func(context.Context) error { <-hang; return nil }}
	got := try(t, job, Options{
		Flows: []*dataflow.Flow{copyFlow("copy")}, Interrupts: interrupts,
	}, "-picture "+path)
	if got.code != ExitAborted {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	parsePicture(t, path)
}

// TestPictureRefused names paths that cannot be written, before a run begins.
func TestPictureRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "kept")
	for path, want := range map[string]string{
		"none/run.svg": "no such file or directory",
		"file/run.svg": "not a directory",
		".":            "something else than a file",
	} {
		path = filepath.Join(dir, path)
		ran := false
		job := &fakeJob{run: func(context.Context) error { ran = true; return nil }}
		got := try(t, job, Options{Flows: []*dataflow.Flow{copyFlow("copy")}}, "-picture "+path)
		if got.code != ExitUsage || ran || !strings.Contains(got.stderr, "-picture "+path+": ") ||
			!strings.Contains(got.stderr, want) {
			t.Errorf("%s: exit code %d, ran %v, stderr %q, want %q", path, got.code, ran, got.stderr, want)
		}
	}
	only(t, dir, "file")
}

// TestPictureNotBegun leaves nothing behind of a run that never began.
func TestPictureNotBegun(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.svg")
	got := try(t, &fakeJob{}, Options{Flows: []*dataflow.Flow{copyFlow("copy")}},
		"-http nowhere:-1 -picture "+path)
	if got.code != ExitFailure {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	only(t, dir)
}

// TestPictureLost cannot write at the end what it could at the beginning.
func TestPictureLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.svg")
	shown := false
	job := &fakeJob{run: func(context.Context) error { return os.Mkdir(path, 0o777) }}
	got := try(t, job, Options{
		Flows: []*dataflow.Flow{copyFlow("copy")},
		After: func(any, io.Writer) error { shown = true; return nil },
	}, "-picture "+path)
	if got.code != ExitFailure || !shown || !strings.Contains(got.stderr, "write the picture: ") {
		t.Errorf("exit code %d, result shown %v, stderr %q", got.code, shown, got.stderr)
	}
	only(t, filepath.Dir(path), "run.svg")
}

// drawn is what a test wants to know of a picture.
type drawn struct {
	classes map[string]int // how many elements are of each
	text    string
}

// parsePicture fails the test unless the whole file is well-formed.
func parsePicture(t *testing.T, path string) drawn {
	t.Helper()
	s := drawn{classes: map[string]int{}}
	d := xml.NewDecoder(strings.NewReader(read(t, path)))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			s.text += string(token)
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local == "class" {
					s.classes[a.Value]++
				}
			}
		}
	}
	return s
}

// only fails the test unless a directory has just these entries.
func only(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Error(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s: got entries %q, want %q", dir, got, want)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}
