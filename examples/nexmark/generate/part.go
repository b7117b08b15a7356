package generate

import "github.com/flyball-stream/flyball/examples/nexmark/event"

// A part is every step-th event, beginning with first, count of them, in the
// order in which they come. That order is given by positions: without late
// events each event has one; otherwise one for each delay that it might have,
// of which it has one. So where an event comes follows from its number, and a
// position is all there is to know to go on.
type part struct {
	first, step, count int64
	unit               int64 // an eighth of the greatest delay, in events of the part; or 0
	end                int64 // position after the last event
}

// lanes are the delays that events can have, none among them.
const lanes = 9

// newPart deals split i of n its share of the events.
func newPart(cfg *Config, events, i, n int64) part {
	p := part{first: i, step: n, count: events / n}
	if i < events%n {
		p.count++
	}
	if cfg.Late > 0 {
		p.unit = cfg.delayed() / (lanes - 1) / n
	}
	p.end = p.count
	if p.unit > 0 {
		p.end = lanes * (p.count + (lanes-1)*p.unit)
	}
	return p
}

// delayed is the greatest delay in events.
func (c *Config) delayed() int64 { return c.due(c.Start+event.Time(c.Delay.Milliseconds())) - 1 }

// at returns the number of the event at a position, if there is one.
func (p *part) at(cfg *Config, pos int64) (number int64, ok bool) {
	if p.unit == 0 {
		return p.first + pos*p.step, true
	}
	delay := lanes - 1 - pos%lanes // those that have waited longest come first
	i := pos/lanes - delay*p.unit
	if i < 0 || i >= p.count {
		return 0, false
	}
	number = p.first + i*p.step
	return number, cfg.delay(number) == delay
}

// due is the first position that is not due when only the events up to a
// number, and all that is delayed until then, are.
func (p *part) due(events int64) int64 {
	if events <= p.first {
		return 0
	}
	slots := (events-p.first-1)/p.step + 1
	if p.unit > 0 {
		slots *= lanes
	}
	return min(slots, p.end)
}

// delay is the delay of an event, in units.
func (c *Config) delay(number int64) int64 {
	h := mix(mix(c.Seed+1) ^ uint64(number))
	if float64(h>>11)*0x1p-53 >= c.Late {
		return 0
	}
	return 1 + int64(h%(lanes-1))
}

// slot is the number of the event that comes, if on time, at a position.
func (p *part) slot(pos int64) int64 {
	if p.unit > 0 {
		pos /= lanes
	}
	return p.first + pos*p.step
}
