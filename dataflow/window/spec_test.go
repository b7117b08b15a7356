package window

import (
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

func TestValidate(t *testing.T) {
	s := time.Second
	tests := []struct {
		spec Spec
		text string
		want string // part of the error, empty for none
	}{
		{Tumbling(s), "tumbling 1s", ""},
		{Sliding(4*s, 2*s).WithOffset(-s), "sliding 4s/2s offset -1s", ""},
		{Session(s).AllowLateness(s), "session 1s late 1s", ""},
		{Global(), "global", ""},
		{Spec{}, "tumbling 0s", "must be positive"},
		{Tumbling(-s), "tumbling -1s", "must be positive"},
		{Sliding(5*s, 2*s), "sliding 5s/2s", "not a multiple of the slide 2s"},
		{Sliding(s, 2*s), "sliding 1s/2s", "not a multiple of the slide 2s"},
		{Session(0), "session 0s", "gap 0s must be positive"},
		{Tumbling(s).AllowLateness(-s), "tumbling 1s late -1s", "must not be negative"},
		{Spec{Kind: 9}, "", "unknown kind 9"},
		{Sliding(4*s, 2*s).ProcessingTime(), "sliding 4s/2s processing time", ""},
		{Session(s).ProcessingTime(), "session 1s processing time", ""},
		{Tumbling(s).ProcessingTime().AllowLateness(s), "tumbling 1s late 1s processing time",
			"leave out the allowed lateness 1s"},
		{Global().ProcessingTime(), "global processing time", "leave out ProcessingTime"},
	}
	for _, tt := range tests {
		if got := tt.spec.String(); got != tt.text {
			t.Errorf("got %q, want %q", got, tt.text)
		}
		err := tt.spec.Validate()
		if tt.want == "" && err != nil || tt.want != "" &&
			(err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%v: got error %v, want %q", tt.spec, err, tt.want)
		}
	}
}

func TestFloor(t *testing.T) {
	s := time.Second
	tests := []struct {
		at, offset, step time.Duration
		want             time.Duration
	}{
		{0, 0, 10 * s, 0}, {10*s - 1, 0, 10 * s, 0}, {10 * s, 0, 10 * s, 10 * s},
		{-1, 0, 10 * s, -10 * s}, {-10 * s, 0, 10 * s, -10 * s},
		{0, 3 * s, 10 * s, -7 * s}, {3 * s, 3 * s, 10 * s, 3 * s}, {2 * s, 13 * s, 10 * s, -7 * s},
		{0, -3 * s, 10 * s, -3 * s}, {-3*s - 1, -3 * s, 10 * s, -13 * s},
	}
	for _, tt := range tests {
		spec := Tumbling(tt.step).WithOffset(tt.offset)
		got := spec.floor(operator.Timestamp(tt.at), tt.step)
		if got != operator.Timestamp(tt.want) {
			t.Errorf("%v at %v: got %v, want %v", spec, tt.at, time.Duration(got), tt.want)
		}
	}
	long := Tumbling(200 * 365 * 24 * time.Hour).WithOffset(1)
	for _, at := range []operator.Timestamp{operator.MinTimestamp, -1, 0, operator.MaxTimestamp} {
		if got := long.floor(at, long.Size); got > at {
			t.Errorf("the window of %d starts after it, at %d", at, got)
		}
	}
}

func TestHeap(t *testing.T) {
	var h heap[*frame[int]]
	for i := range 1000 {
		h.push(&frame[int]{due: operator.Timestamp(i * 7919 % 100), start: operator.Timestamp(i)})
	}
	last := &frame[int]{due: -1}
	for range 1000 {
		f := h.pop()
		if f.due < last.due || f.due == last.due && f.start < last.start {
			t.Fatalf("%d/%d came after %d/%d", f.due, f.start, last.due, last.start)
		}
		last = f
	}
	if h.due(operator.MaxTimestamp) {
		t.Error("an empty heap has something due")
	}
}
