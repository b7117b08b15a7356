package main

import (
	"strconv"
	"strings"

	"github.com/flyball-stream/flyball/examples/nexmark/generate"
	"github.com/flyball-stream/flyball/test/limit"
)

// loopOf is the query by hand, nil if there is none.
func loopOf(query string) limit.Query {
	number, err := strconv.Atoi(strings.TrimPrefix(query, "q"))
	if err != nil {
		return nil
	}
	return limit.Queries[number]
}

// loop runs the query by hand over the events that its flow gets.
func (r *result) loop() error {
	return r.gauge(func() error {
		sum, err := loopOf(r.Query)(r.Events, generate.Config{Seed: seed})
		r.Rows = sum.Rows
		return err
	})
}
