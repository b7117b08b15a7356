package event

import (
	"fmt"
	"time"
)

// Time is a point in time, in milliseconds since the Unix epoch, UTC: the
// resolution of the benchmark's timestamps.
type Time int64

// TimeOf cuts t down to milliseconds.
func TimeOf(t time.Time) Time { return Time(t.UnixMilli()) }

// Time converts to the standard library's, in UTC.
func (t Time) Time() time.Time { return time.UnixMilli(int64(t)).UTC() }

// sqlLayout is how SQL writes a timestamp.
const sqlLayout = "2006-01-02 15:04:05.000"

// AppendText appends t in RFC 3339 with milliseconds.
func (t Time) AppendText(b []byte) ([]byte, error) {
	return t.Time().AppendFormat(b, "2006-01-02T15:04:05.000Z07:00"), nil
}

// MarshalText is t in RFC 3339 with milliseconds.
func (t Time) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// UnmarshalText reads RFC 3339 or "2006-01-02 15:04:05.000", which is UTC.
func (t *Time) UnmarshalText(b []byte) error {
	at, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		if at, err = time.ParseInLocation(sqlLayout, string(b), time.UTC); err != nil {
			return fmt.Errorf("time %q: want RFC 3339 or %q", b, sqlLayout)
		}
	}
	if year := at.UTC().Year(); year < 0 || year > 9999 {
		return fmt.Errorf("time %q: not within the years 0 to 9999 in UTC", b)
	}
	*t = TimeOf(at)
	return nil
}

// Floor is the last multiple of d, counted from the Unix epoch, that is not
// after t. d is whole milliseconds, one or more.
func (t Time) Floor(d time.Duration) Time {
	step := Time(d / time.Millisecond)
	rest := t % step
	if rest < 0 {
		rest += step
	}
	return t - rest
}
