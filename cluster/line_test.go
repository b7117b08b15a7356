package cluster

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

var noon = time.Date(2008, 1, 2, 12, 0, 0, 0, time.UTC)

// sampleStats is a job of two vertices that has run for a while.
func sampleStats() actors.Stats {
	return actors.Stats{
		Flow: "clicks", Phase: actors.Running, Attempt: 2, InFlight: 3 << 20,
		Counters: map[actors.CounterKey]int64{{Step: "count", Name: "late"}: 12},
		Tasks: []actors.TaskStats{
			{Vertex: "lines → by-ad", Source: true, RecordsIn: 1_250_000, RecordsOut: 1_249_000,
				BytesIn: 5000, BytesOut: 4000, Busy: 2 * time.Second, Blocked: time.Second,
				CreditsHeld: 6, Credits: 8, Watermark: operator.TimestampOf(noon)},
			{Vertex: "count → out", Sink: true, RecordsIn: 1_249_000, RecordsOut: 300,
				Busy: 3 * time.Second, Idle: time.Second, Queued: 2, Entries: 4321,
				Watermark: operator.TimestampOf(noon.Add(-time.Minute))},
		},
		Checkpoints: actors.CheckpointStats{
			Completed: 4, Failed: 1, InProgress: 6,
			Last: actors.CheckpointInfo{ID: 5, At: noon.Add(-3 * time.Second),
				Duration: 120 * time.Millisecond, Bytes: 1 << 16, Entries: 99},
		},
	}
}

func sampleView() view {
	before := sampleStats()
	before.Tasks[0].RecordsIn = 0
	before.Tasks[1].Busy -= 900 * time.Millisecond
	m := newMeter(noon.Add(-11 * time.Second))
	m.observe(before, noon.Add(-time.Second))
	return m.observe(sampleStats(), noon)
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		width int
		want  string
	}{
		{0, ""},
		{10, "11s"},
		{20, "11s  1.25M records"},
		{60, "11s  1.25M records  1.25M/s  watermark 2008-01-02T11:59:00Z"},
		{500, "11s  1.25M records  1.25M/s  watermark 2008-01-02T11:59:00Z  " +
			"checkpoint 5, 3s ago, took 120ms, 1 failed  credits 75%  state 4.32k  " +
			"slowest count → out/0 busy 90% blocked 0%  in flight 3.0 MiB"},
	} {
		got := sampleView().line(c.width)
		if got != c.want {
			t.Errorf("width %d: got %q, want %q", c.width, got, c.want)
		}
		if n := utf8.RuneCountInString(got); n > c.width {
			t.Errorf("width %d: the line has %d columns", c.width, n)
		}
	}
}

func TestLineOfEmptyJob(t *testing.T) {
	got := newMeter(noon).observe(actors.Stats{Phase: actors.Starting}, noon).line(100)
	if want := "starting  0s  0 records  0/s  in flight 0 B"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRateFollows(t *testing.T) {
	m := newMeter(noon)
	s := actors.Stats{Tasks: []actors.TaskStats{{Source: true}}}
	var v view
	for i := range 40 {
		s.Tasks[0].RecordsIn += 250
		v = m.observe(s, noon.Add(time.Duration(i+1)*250*time.Millisecond))
	}
	if v.rate < 999 || v.rate > 1001 {
		t.Errorf("rate: got %v, want 1000", v.rate)
	}
	v = m.observe(s, noon.Add(11*time.Second))
	if v.rate < 300 || v.rate > 500 {
		t.Errorf("rate a second after the last record: got %v, want some 370", v.rate)
	}
}

func TestSummary(t *testing.T) {
	got := summary(sampleStats(), "ended", 2500*time.Millisecond)
	want := "flow clicks ended: read 1,250,000 records and wrote 300 in 2.5s (500k/s), " +
		"4 checkpoints (1 failed), 1 restart"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1.00k", 9_994: "9.99k", 9_996: "10.0k", 12_345: "12.3k",
		999_499: "999k", 999_600: "1.00M", 123_456_789: "123M", -1500: "-1.50k",
		9_000_000_000_000_000: "9000T",
	} {
		if got := number(n); got != want {
			t.Errorf("number(%d): got %q, want %q", n, got, want)
		}
	}
}

func TestBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 1234: "1µs", 1500 * time.Microsecond: "2ms",
		1234567890: "1.23s", 61*time.Second + 1: "1m1s", 2 * time.Hour: "2h", 50 * time.Hour: "2d2h",
	} {
		if got := brief(d); got != want {
			t.Errorf("brief(%d): got %q, want %q", d, got, want)
		}
	}
}

func TestConsole(t *testing.T) {
	var out buffer
	c := newConsole(&out)
	c.show("")
	c.show("one")
	c.show("two")
	_, _ = c.Write([]byte("message\n"))
	_, _ = c.Write([]byte("again\n"))
	c.show("three")
	c.show("")
	want := "\r\x1b[Kone\r\x1b[Ktwo\r\x1b[Kmessage\nagain\n\r\x1b[Kthree\r\x1b[K"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
