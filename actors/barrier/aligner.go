package barrier

import "fmt"

// An Aligner tracks one alignment at a time over a fixed number of channels.
type Aligner struct {
	arrived []bool
	missing int    // channels whose barrier has not arrived, in an alignment
	current uint64 // the checkpoint being aligned; 0 between alignments
	last    uint64 // the latest one aligned
}

// NewAligner makes an aligner for channels numbered from 0.
func NewAligner(channels int) *Aligner {
	return &Aligner{arrived: make([]bool, channels)}
}

// Barrier notes that the barrier of a checkpoint has arrived on a channel. It
// returns true when it was the last one: no channel is blocked any more.
func (a *Aligner) Barrier(channel int, checkpoint uint64) (aligned bool, err error) {
	switch {
	case channel < 0 || channel >= len(a.arrived):
		return false, fmt.Errorf("align barrier %d: no channel %d", checkpoint, channel)
	case a.current == 0 && checkpoint <= a.last:
		return false, fmt.Errorf("align barrier %d on channel %d: barrier %d is already aligned",
			checkpoint, channel, a.last)
	case a.current != 0 && checkpoint != a.current:
		return false, fmt.Errorf("align barrier %d on channel %d: barrier %d is being aligned",
			checkpoint, channel, a.current)
	case a.arrived[channel]:
		return false, fmt.Errorf("align barrier %d: it arrived on channel %d before",
			checkpoint, channel)
	}
	if a.current == 0 {
		a.current, a.missing = checkpoint, len(a.arrived)
	}
	a.arrived[channel] = true
	if a.missing--; a.missing > 0 {
		return false, nil
	}
	clear(a.arrived)
	a.current, a.last = 0, checkpoint
	return true, nil
}

// Blocked reports whether records of a channel are to be held back.
func (a *Aligner) Blocked(channel int) bool { return a.arrived[channel] }

// Aligning is the checkpoint being aligned, or 0.
func (a *Aligner) Aligning() uint64 { return a.current }
