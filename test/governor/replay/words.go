package replay

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// Words reads a text. The key of a record is a word in lower case, its place
// the column it has in its line, from 0, and its value its part of the line: 1
// over the line's words. A second passes from word to word.
func Words(path string) (*Data, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	var records []Record
	var times []time.Time
	keys := interned{}
	start := time.Date(1704, 1, 1, 0, 0, 0, 0, time.UTC)
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		for column, w := range words {
			key := keys.of(strings.ToLower(strings.Trim(w, ".,;:!?()[]'\"_")))
			records = append(records, Record{
				Key: key, Place: int32(column), Value: 1 / float64(len(words)),
			})
			times = append(times, start.Add(time.Duration(len(times))*time.Second))
		}
	}
	return newData("words", records, times)
}
