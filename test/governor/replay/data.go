package replay

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Record is one record of any of the data.
type Record struct {
	Key   string  // a route, a word, a region
	Copy  int32   // which of the stream's copies it is in
	Place int32   // what else there is of it; see the data's reader
	Value float64 // likewise
}

// Data are records in the order of their event times.
type Data struct {
	Name    string
	records []Record
	times   []time.Duration // since start
	start   time.Time
	span    time.Duration // from the first record to the first of the next round
}

// Keys is how many different keys there are.
func (d *Data) Keys() int {
	keys := map[string]struct{}{}
	for i := range d.records {
		keys[d.records[i].Key] = struct{}{}
	}
	return len(keys)
}

// Len is how many records there are.
func (d *Data) Len() int { return len(d.records) }

// newData makes data of records and their times, which must not fall. Those
// that have the same time are spread evenly until the next.
func newData(name string, records []Record, times []time.Time) (*Data, error) {
	if len(records) == 0 {
		return nil, errors.New("read " + name + ": there are no records")
	}
	if !slices.IsSortedFunc(times, time.Time.Compare) {
		return nil, errors.New("read " + name + ": the records are not sorted by time")
	}
	d := &Data{Name: name, records: records, start: times[0]}
	d.times = spread(times)
	last := d.times[len(d.times)-1]
	d.span = last + max(last/time.Duration(len(d.times)), 1)
	if d.span > 100*365*24*time.Hour {
		return nil, fmt.Errorf("read %s: the records span more than a century", name)
	}
	return d, nil
}

// spread gives records that have the same time times of their own.
func spread(times []time.Time) []time.Duration {
	since := make([]time.Duration, len(times))
	for first := 0; first < len(times); {
		at := times[first]
		n := 1
		for first+n < len(times) && times[first+n].Equal(at) {
			n++
		}
		gap := time.Second // behind the last
		if first+n < len(times) {
			gap = times[first+n].Sub(at)
		}
		for k := range n {
			since[first+k] = at.Sub(times[0]) + gap*time.Duration(k)/time.Duration(n)
		}
		first += n
	}
	return since
}

// Within is how many records there are in so long a time, on average.
func (d *Data) Within(t time.Duration) int {
	return max(1, int(float64(len(d.records))*t.Seconds()/d.span.Seconds()))
}
