package replay

import (
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// Flights reads a gzipped file with the columns date, delay, distance, origin
// and destination. The key of a flight is its route, such as LAS-PHL, its value
// the delay in minutes.
func Flights(path string) (*Data, error) {
	return flights(path, "flights", func(from, to string) (string, int32) { return from + "-" + to, 0 })
}

// Pairs reads the same file. The key of a flight is the pair of airports,
// whichever way it goes; its place is 0 or 1, by the way.
func Pairs(path string) (*Data, error) {
	return flights(path, "pairs", func(from, to string) (string, int32) {
		if from < to {
			return from + "-" + to, 0
		}
		return to + "-" + from, 1
	})
}

func flights(path, name string, key func(from, to string) (string, int32)) (*Data, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read flights: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read flights: %s: %w", path, err)
	}
	keys := interned{}
	d, err := table(name, z, func(cells []string) (Record, error) {
		delay, err := strconv.ParseFloat(cells[1], 64)
		k, place := key(cells[3], cells[4])
		return Record{Key: keys.of(k), Place: place, Value: delay}, err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

//go:embed data/earthquakes.csv
var earthquakes string

// Earthquakes are those of a week, all over the world. The key is a square of
// five degrees, the value the magnitude and the place the depth in km.
func Earthquakes() (*Data, error) {
	keys := interned{}
	return table("earthquakes", strings.NewReader(earthquakes), func(c []string) (Record, error) {
		var n [4]float64
		for i := range n {
			var err error
			if n[i], err = strconv.ParseFloat(c[i+1], 64); err != nil {
				return Record{}, err
			}
		}
		return Record{Key: keys.of(square(n[2], n[3])), Place: int32(n[1]), Value: n[0]}, nil
	})
}

// square names the five degrees by five that a point is in.
func square(latitude, longitude float64) string {
	return fmt.Sprintf("%+03.0f%+04.0f", 5*floor(latitude/5), 5*floor(longitude/5))
}

func floor(f float64) float64 {
	n := float64(int(f))
	if n > f {
		n--
	}
	return n
}

// table reads CSV with a heading whose first column is a time.
func table(name string, in io.Reader, record func([]string) (Record, error)) (*Data, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.ReuseRecord = 5, true
	if _, err := r.Read(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var records []Record
	var times []time.Time
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return newData(name, records, times)
		} else if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		at, err := when(cells[0])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		rec, err := record(cells)
		if err != nil {
			return nil, fmt.Errorf("read %s: record %d: %w", name, len(records)+1, err)
		}
		records, times = append(records, rec), append(times, at)
	}
}

// when reads a time, which may lack its seconds.
func when(s string) (time.Time, error) {
	if len(s) == len("2006-01-02T15:04") {
		s += ":00"
	}
	return time.Parse("2006-01-02T15:04:05", s)
}

// interned has one copy of each string.
type interned map[string]string

func (t interned) of(s string) string {
	if one, ok := t[s]; ok {
		return one
	}
	s = strings.Clone(s)
	t[s] = s
	return s
}
