package actors

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// rateMeter lets a source read so many records a second: what it may have at
// once is what a tenth of a second brings, and what it takes beyond is made up
// for.
type rateMeter struct {
	rate   float64 // records a second; 0 for no bound
	tokens float64
	filled operator.Timestamp // when tokens were added last
	resume operator.Timestamp // when to look again; never if the source may read
}

func newRateMeter() rateMeter { return rateMeter{resume: operator.MaxTimestamp} }

// pace sets the rate.
func (m *rateMeter) pace(rate float64) { m.rate = rate }

// burst is how long tokens that are not used are kept.
const burst = 100 * time.Millisecond

// again is how soon a source that has used its tokens up looks again.
const again = 2 * time.Millisecond

// open reports whether the source may read a batch now.
func (m *rateMeter) open(now operator.Timestamp) bool {
	m.resume = operator.MaxTimestamp
	if m.rate <= 0 {
		m.tokens, m.filled = 0, now
		return true
	}
	seconds := time.Duration(max(0, now-m.filled)).Seconds()
	m.filled = now
	m.tokens = min(m.tokens+m.rate*seconds, m.rate*burst.Seconds())
	if m.tokens > 0 {
		return true
	}
	m.resume = now.Add(again)
	return false
}

// take counts records that were read.
func (m *rateMeter) take(n int) {
	if m.rate > 0 {
		m.tokens -= float64(n)
	}
}
