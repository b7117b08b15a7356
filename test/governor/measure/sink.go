package main

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/test/governor/operators"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

// probe is the sink: it counts rows, times some of them and throws them away.
// It is safe for concurrent use.
type probe struct {
	player *replay.Player
	whole  bool // rows wait for all splits
	stalls stalls

	mu          sync.Mutex
	rows, ranks int64 // count of rows, and sum of what each is of
	due, inside *hdrhistogram.Histogram
	period      *hdrhistogram.Histogram // inside, since the last look
}

const (
	// longest is the highest latency that is told apart from others.
	longest = 2 * time.Hour
	// timed is how many rows of a batch are timed.
	timed = 16
)

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longest.Microseconds(), 3)
}

func newProbe(p *replay.Player, whole bool) *probe {
	return &probe{
		player: p, whole: whole, due: newHistogram(), inside: newHistogram(), period: newHistogram(),
	}
}

func (p *probe) Delivery() operator.Delivery { return operator.Idempotent }

func (p *probe) Open(operator.Place) (dataflow.Writer[operators.Row], error) { return p, nil }

func (p *probe) Commit([]byte) error                       { return nil }
func (p *probe) Recover() error                            { return nil }
func (p *probe) Prepare(uint64) (operator.Prepared, error) { return nil, nil }
func (p *probe) Close() error                              { return nil }

// Write takes a batch of rows.
func (p *probe) Write(b *operator.Records[operators.Row]) error {
	p.stalls.wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows += int64(b.Len())
	for i := range b.Values {
		p.ranks += b.Values[i].N
	}
	now, step := time.Now(), max(1, b.Len()/timed)
	for i := 0; i < b.Len(); i += step {
		p.time(now, b.Times[i])
	}
	return nil
}

// time counts the latency of a row that came now, in microseconds.
func (p *probe) time(now time.Time, at operator.Timestamp) {
	since := func(t time.Time) int64 {
		return min(max(now.Sub(t), time.Microsecond), longest).Microseconds()
	}
	// What is within the histograms' range is no error.
	if due, ok := p.player.Due(at); ok {
		_ = p.due.RecordValue(since(due))
	}
	if left, ok := p.player.Left(at, p.whole); ok {
		_ = p.inside.RecordValue(since(left))
		_ = p.period.RecordValue(since(left))
	}
}

// begin forgets what was timed so far.
func (p *probe) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due.Reset()
	p.inside.Reset()
	p.period.Reset()
}

// look is the p99 since the last look, in ms, and false if no row came.
func (p *probe) look() (p99 float64, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p99, ok = float64(p.period.ValueAtPercentile(99))/1000, p.period.TotalCount() > 0
	p.period.Reset()
	return p99, ok
}

// counts are the rows so far, and the sum of their numbers.
func (p *probe) counts() (rows, ranks int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rows, p.ranks
}

// latencies are those since begin: from when records were due, and from when
// they left.
func (p *probe) latencies() (due, inside quantiles) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return quantilesOf(p.due), quantilesOf(p.inside)
}

func quantilesOf(h *hdrhistogram.Histogram) quantiles {
	at := func(q float64) float64 { return float64(h.ValueAtPercentile(q)) / 1000 }
	return quantiles{at(50), at(99), at(99.9)}
}

// stalls stop all writers of a sink for a while, again and again.
type stalls struct {
	every, length time.Duration

	mu   sync.Mutex
	next time.Time
}

func (s *stalls) wait() {
	if s.every <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.next.IsZero() {
		s.next = now.Add(s.every)
	}
	if now.After(s.next) {
		<-time.After(s.length)
		s.next = time.Now().Add(s.every)
	}
}
