package cluster

import (
	"time"

	"golang.org/x/term"
)

// period is how often the progress line is drawn.
const period = 250 * time.Millisecond

// progress draws the progress line until the function it returns is called.
// There is none unless messages go to a terminal.
func (r *runner) progress() (stop func()) {
	f := r.out.file
	if r.own.Quiet || f == nil || !term.IsTerminal(int(f.Fd())) {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(period)
		defer t.Stop()
		m := newMeter(r.now())
		for {
			select {
			case now := <-t.C:
				width, _, err := term.GetSize(int(f.Fd()))
				if err != nil || width < 1 {
					width = 80
				}
				r.out.show(m.observe(r.job.Stats(), now).line(width - 1))
			case <-quit:
				r.out.show("")
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}
