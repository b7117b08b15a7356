package simulate

import (
	"math"
	"time"
)

func sine(phase float64) float64 { return math.Sin(2 * math.Pi * phase) }

// arrivalTick is how finely arrivals are simulated.
const arrivalTick = 5 * time.Millisecond

// source is what a source task reads from.
type source struct {
	load    Load
	part    float64 // of the stage's load
	owed    float64 // records, less than one
	waiting []arrival
	head    int
	backlog int64
	ended   bool

	tokens  float64 // records that may be read
	filled  time.Duration
	retry   bool // a wake-up for more tokens is on the agenda
	barrier uint64
}

// arrival is records that arrived together.
type arrival struct {
	at      time.Duration
	records int64
}

// tick lets arrive what arrives in a tick.
func (s *source) tick(now time.Duration) {
	s.owed += s.load.at(now) * s.part * arrivalTick.Seconds()
	n := int64(s.owed)
	if n == 0 {
		return
	}
	s.owed -= float64(n)
	s.backlog += n
	s.waiting = append(s.waiting, arrival{now, n})
}

// read takes up to n records and says when the oldest arrived.
func (s *source) read(n int64, now time.Duration) (records int64, born time.Duration) {
	switch {
	case s.ended:
		return 0, now
	case s.load.Saturated:
		return n, now
	case s.backlog == 0:
		return 0, now
	}
	born = s.waiting[s.head].at
	for n > 0 && s.head < len(s.waiting) {
		a := &s.waiting[s.head]
		k := min(n, a.records)
		a.records -= k
		n -= k
		records += k
		if a.records == 0 {
			s.head++
		}
	}
	if s.head > 1024 && 2*s.head > len(s.waiting) {
		s.waiting = s.waiting[:copy(s.waiting, s.waiting[s.head:])]
		s.head = 0
	}
	s.backlog -= records
	return records, born
}

// allow takes tokens for n records at a rate, of which at most those of a
// period gather. If there are too few it says when to ask again.
func (s *source) allow(n int64, rate float64, now, period time.Duration) (again time.Duration, ok bool) {
	if rate <= 0 {
		return 0, true
	}
	most := max(rate*period.Seconds(), float64(n))
	s.tokens = min(most, s.tokens+rate*(now-s.filled).Seconds())
	s.filled = now
	if s.tokens >= float64(n) {
		s.tokens -= float64(n)
		return 0, true
	}
	wait := (float64(n) - s.tokens) / rate
	return now + time.Duration(min(wait, 1)*float64(time.Second)) + 1, false
}
