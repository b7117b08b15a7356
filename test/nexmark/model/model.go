package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Options are the numbers that the queries leave open.
type Options struct {
	Window, Slide, Gap time.Duration // whole milliseconds
	Modulus, Category  int64
	States             []string
	Sales, Top         int
	Side               map[int64]string // of q13; by number modulo SideKeys
	SideKeys           int64
}

// Defaults are the numbers in the SQL. The side table has each key as its
// value, as the benchmark's file does.
func Defaults() Options {
	side := make(map[int64]string, 10_000)
	for key := range int64(10_000) {
		side[key] = fmt.Sprint(key)
	}
	return Options{
		Window: 10 * time.Second, Slide: 2 * time.Second, Gap: 10 * time.Second,
		Modulus: 123, Category: 10, States: []string{"OR", "ID", "CA"}, Sales: 10, Top: 10,
		Side: side, SideKeys: 10_000,
	}
}

// Query is the model of one query.
type Query struct {
	Name string
	// Key are the columns that say which row replaces which, in a query whose
	// rows change; nil if rows stay.
	Key []string
	// Lines are the rows, each a line of JSON.
	Lines func(events []event.Event, o Options) ([]string, error)
}

// All are the models in order of their numbers. The caller owns the slice.
func All() []Query {
	return []Query{
		{"q0", nil, lines(Q0)},
		{"q1", nil, lines(Q1)},
		{"q2", nil, lines(Q2)},
		{"q3", nil, lines(Q3)},
		{"q4", []string{"category"}, lines(Q4)},
		{"q5", nil, lines(Q5)},
		{"q6", []string{"seller"}, lines(Q6)},
		{"q7", nil, lines(Q7)},
		{"q8", nil, lines(Q8)},
		{"q9", []string{"id"}, lines(Q9)},
		{"q10", nil, lines(Q10)},
		{"q11", nil, lines(Q11)},
		{"q12", nil, lines(Q12)},
		{"q13", nil, lines(Q13)},
		{"q14", nil, lines(Q14)},
		{"q15", []string{"day"}, lines(Q15)},
		{"q16", []string{"channel", "day"}, lines(Q16)},
		{"q17", []string{"auction", "day"}, lines(Q17)},
		{"q18", []string{"bidder", "auction"}, lines(Q18)},
		{"q19", []string{"auction", "rank_number"}, lines(Q19)},
		{"q20", nil, lines(Q20)},
		{"q21", nil, lines(Q21)},
		{"q22", nil, lines(Q22)},
	}
}

// Find returns the model of the query with a name.
func Find(name string) (Query, error) {
	for _, q := range All() {
		if q.Name == name {
			return q, nil
		}
	}
	return Query{}, fmt.Errorf("there is no model of query %q; they are q0 to q22", name)
}

// lines makes a model of rows one of lines.
func lines[R any](
	rows func([]event.Event, Options) []R,
) func([]event.Event, Options) ([]string, error) {
	return func(events []event.Event, o Options) (all []string, err error) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		for _, row := range rows(events, o) {
			if err := e.Encode(row); err != nil {
				return nil, fmt.Errorf("encode a row of the model: %w", err)
			}
			all = append(all, b.String())
			b.Reset()
		}
		return all, nil
	}
}
