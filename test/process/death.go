package process

import (
	"os"
	"sync"
	"syscall"
	"time"
)

// Death kills a child at the nth time that it is at a fault point, or a while
// After that. The zero Death never does.
type Death struct {
	Point string
	Nth   int
	After time.Duration
}

// Hook is to be called at every fault point, by any goroutine: it is the
// Faults of an actors.Config.
func (d Death) Hook() func(point string) {
	var mu sync.Mutex
	left := d.Nth
	return func(point string) {
		if point != d.Point {
			return
		}
		mu.Lock()
		left--
		now := left == 0
		mu.Unlock()
		if !now {
			return
		}
		if d.After > 0 {
			time.AfterFunc(d.After, die)
			return
		}
		die()
		select {} // the signal may take a moment; nothing happens after it
	}
}

func die() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) }
