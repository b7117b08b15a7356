package file

import (
	"context"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A pulse tells a reader that follows a file when to look again.
type pulse interface {
	// wait returns when the file may have changed, or with ctx's error.
	wait(ctx context.Context) error
	now() time.Time
	close() error
}

// pollEvery is how often a file is looked at when the system does not tell of
// its changes, as on network file systems.
const pollEvery = 250 * time.Millisecond

// watched is woken by the system and by a timer, whichever is first.
type watched struct {
	events  <-chan fsnotify.Event
	errors  <-chan error
	watcher *fsnotify.Watcher // nil when the system has no more to give
}

func watch(path string) pulse {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return &watched{}
	}
	if err := w.Add(path); err != nil {
		w.Close() // the timer alone does
		return &watched{}
	}
	return &watched{events: w.Events, errors: w.Errors, watcher: w}
}

func (w *watched) wait(ctx context.Context) error {
	timer := time.NewTimer(pollEvery)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-w.events:
	case <-w.errors:
	case <-timer.C:
	}
	return nil
}

func (w *watched) now() time.Time { return time.Now() }

func (w *watched) close() error {
	if w.watcher == nil {
		return nil
	}
	return w.watcher.Close()
}
