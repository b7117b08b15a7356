package query

import (
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Day is a day, UTC, as a number: 0 is the first of 1970.
type Day int32

// Minute is a minute of a day.
type Minute int16

const (
	perMinute = event.Time(time.Minute / time.Millisecond)
	perDay    = 24 * 60 * perMinute
)

// dayOf is the day of t and the minute of that day.
func dayOf(t event.Time) (Day, Minute) {
	day := t.Floor(24 * time.Hour)
	return Day(day / perDay), Minute((t - day) / perMinute)
}

// String is the day as in 2015-07-15.
func (d Day) String() string { return (event.Time(d) * perDay).Time().Format(time.DateOnly) }

// MarshalText writes String.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is the minute as in 08:30.
func (m Minute) String() string { return (event.Time(m) * perMinute).Time().Format("15:04") }

// MarshalText writes String.
func (m Minute) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
