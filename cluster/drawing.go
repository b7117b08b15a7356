package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/cluster/picture"
)

// samplePeriod is how often a run is sampled for its picture.
const samplePeriod = 100 * time.Millisecond

// A drawing is the picture of a run under way. A nil one draws nothing.
type drawing struct {
	path  string
	now   func() time.Time
	began time.Time

	mu      sync.Mutex // the job tells of events while it is sampled
	sampler picture.Sampler
	picture *picture.Picture
}

// draw begins the picture that -picture asks for and has events draw on it. A
// path that cannot be written is refused now, and not after a long run.
func (a *app) draw(events *actors.Events) (*drawing, error) {
	path := a.own.Picture
	if path == "" {
		return nil, nil
	}
	if err := writable(path); err != nil {
		return nil, usagef("-picture %s: %v", path, err)
	}
	title := fmt.Sprintf("flow %s, policy %s", a.flow.Name(), a.own.policy())
	d := &drawing{path: path, now: a.now, began: a.now(), picture: picture.New(title)}
	d.picture.Goal = a.own.Latency
	events.Checkpoint = d.checkpoint
	events.CheckpointFailed = func(id uint64, err error) {
		d.mark(fmt.Sprintf("checkpoint %d failed: %v", id, err))
	}
	events.Restarting = func(attempt int, _ time.Duration, err error) {
		d.mark(fmt.Sprintf("restart %d: %v", attempt, err))
	}
	return d, nil
}

// partSuffix names the file that a picture is while it is being written.
const partSuffix = ".part"

// writable tries to make a file beside path, and leaves none.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return errors.New("there is something else than a file; name a file to make or replace")
	}
	f, err := os.Create(path + partSuffix)
	if err == nil {
		err = cmp.Or(f.Close(), os.Remove(f.Name()))
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err // the path is that of the part, which nobody named
	}
	return err
}

func (d *drawing) checkpoint(c actors.CheckpointInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.now().Sub(d.began)
	d.picture.Checkpoint(at-c.Duration, at)
}

func (d *drawing) mark(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.picture.Mark(d.now().Sub(d.began), text)
}

// follow samples the stats until the function it returns is called.
func (d *drawing) follow(stats func() actors.Stats) (stop func()) {
	if d == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(samplePeriod)
		defer t.Stop()
		d.sample(stats())
		for {
			select {
			case <-t.C:
				d.sample(stats())
			case <-quit:
				d.sample(stats())
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}

func (d *drawing) sample(s actors.Stats) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if p, ok := d.sampler.Sample(s, now.Sub(d.began), now); ok {
		d.picture.Add(p)
	}
}

// finish writes the picture, of a run that failed or was aborted too. An older
// one stays until the new one is whole.
func (d *drawing) finish() error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := os.Create(d.path + partSuffix)
	if err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	err = d.picture.Write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), d.path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // half a picture is of no use
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}
