package picture

import (
	"sort"
	"time"
)

// mostMoments is how many moments of a vertex are remembered. As they thin out with
// age, they reach back about five times as far as so many samples.
const mostMoments = 1024

// history is how much a vertex had sent, at moments.
type history struct{ moments []moment }

type moment struct {
	at   time.Duration
	sent float64 // bytes, so far
}

// add remembers a moment later than those before it. Of a time in which nothing
// was sent, the first and the last are enough; of all too many, every second.
func (h *history) add(at time.Duration, sent float64) {
	n := len(h.moments)
	if n > 1 && h.moments[n-1].sent == sent && h.moments[n-2].sent == sent {
		h.moments[n-1].at = at
		return
	}
	h.moments = append(h.moments, moment{at, sent})
	if len(h.moments) < mostMoments {
		return
	}
	for i := range mostMoments / 2 {
		h.moments[i] = h.moments[2*i+1] // the latest stays
	}
	h.moments = h.moments[:mostMoments/2]
}

// age is how long ago the first of the latest bytes was sent, as of the moment
// added last: at most since the first moment that is remembered.
func (h *history) age(bytes float64) time.Duration {
	if bytes <= 0 {
		return 0
	}
	last := h.moments[len(h.moments)-1]
	first := last.sent - bytes
	after := sort.Search(len(h.moments), func(i int) bool { return h.moments[i].sent > first })
	switch after {
	case 0: // sent before the first moment
		return last.at - h.moments[0].at
	case len(h.moments): // too few to tell
		return 0
	}
	a, b := h.moments[after-1], h.moments[after]
	share := (first - a.sent) / (b.sent - a.sent)
	return last.at - a.at - time.Duration(share*float64(b.at-a.at))
}
