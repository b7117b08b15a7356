package window

import (
	"errors"
	"fmt"
	"time"
)

// Kind is how a [Spec] cuts time.
type Kind int

// The kinds of windows.
const (
	TumblingKind Kind = iota
	SlidingKind
	SessionKind
	GlobalKind
)

// Spec says how a keyed stream is cut into windows. Make one with [Tumbling],
// [Sliding], [Session] or [Global]; the zero Spec is not valid.
type Spec struct {
	Kind     Kind
	Size     time.Duration // of tumbling and sliding windows
	Slide    time.Duration // from one sliding window to the next
	Offset   time.Duration // of window bounds from the epoch
	Gap      time.Duration // of silence that ends a session
	Lateness time.Duration // for how long after its end a window still takes records
	// Processing windows go by the clock, not by the times of the records.
	Processing bool
}

// Tumbling windows follow each other without a gap: [0, size), [size, 2*size) …
// counted from the Unix epoch, UTC.
func Tumbling(size time.Duration) Spec { return Spec{Kind: TumblingKind, Size: size, Slide: size} }

// Sliding windows of the given size begin every slide. A record is in
// size/slide of them but is added to one partial result only, whatever that
// number is. Size must be a multiple of slide.
func Sliding(size, slide time.Duration) Spec {
	return Spec{Kind: SlidingKind, Size: size, Slide: slide}
}

// Session windows begin with a record and end when none has come for gap.
func Session(gap time.Duration) Spec { return Spec{Kind: SessionKind, Gap: gap} }

// Global is the one window of all time. It closes at the end of input.
func Global() Spec { return Spec{Kind: GlobalKind} }

// AllowLateness makes windows take records for d after the watermark has
// passed their end; each such record emits the window's result again.
func (s Spec) AllowLateness(d time.Duration) Spec { s.Lateness = d; return s }

// ProcessingTime cuts by the clock of the machine at which records arrive, to
// whatever time they belong, and windows fire as the clock passes their end. At
// the end of the input all that are open fire at once. There are no late
// records, and no joins.
func (s Spec) ProcessingTime() Spec { s.Processing = true; return s }

// WithOffset moves window bounds by d, as for days that begin at another hour
// than midnight UTC.
func (s Spec) WithOffset(d time.Duration) Spec { s.Offset = d; return s }

// Validate reports all that is wrong with s.
func (s Spec) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch s.Kind {
	case TumblingKind, SlidingKind:
		if s.Size <= 0 || s.Slide <= 0 {
			bad("window: size %v and slide %v must be positive", s.Size, s.Slide)
		} else if s.Size%s.Slide != 0 {
			bad("window: size %v is not a multiple of the slide %v", s.Size, s.Slide)
		}
	case SessionKind:
		if s.Gap <= 0 {
			bad("window: the session gap %v must be positive", s.Gap)
		}
	case GlobalKind:
	default:
		bad("window: unknown kind %d", s.Kind)
	}
	if s.Lateness < 0 {
		bad("window: the allowed lateness %v must not be negative", s.Lateness)
	}
	if s.Processing && s.Lateness != 0 {
		bad("window: nothing is late in processing time; leave out the allowed lateness %v", s.Lateness)
	}
	if s.Processing && s.Kind == GlobalKind {
		bad("window: the global window has no end that a clock could reach; leave out ProcessingTime")
	}
	return errors.Join(errs...)
}

// String describes the windows, as in "sliding 1h0m0s/5m0s late 10s".
func (s Spec) String() string {
	var text string
	switch s.Kind {
	case TumblingKind:
		text = fmt.Sprintf("tumbling %v", s.Size)
	case SlidingKind:
		text = fmt.Sprintf("sliding %v/%v", s.Size, s.Slide)
	case SessionKind:
		text = fmt.Sprintf("session %v", s.Gap)
	case GlobalKind:
		text = "global"
	}
	if s.Offset != 0 {
		text += fmt.Sprintf(" offset %v", s.Offset)
	}
	if s.Lateness != 0 {
		text += fmt.Sprintf(" late %v", s.Lateness)
	}
	if s.Processing {
		text += " processing time"
	}
	return text
}
