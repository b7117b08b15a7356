// Package limit has queries of the Nexmark benchmark as plain Go loops: what
// one core can do that does nothing else. Flows are measured against them.
//
// The nouns:
//
//   - [Queries] are the loops, by number: Q0, Q1, Q2, Q5, Q7, Q8, Q15 and Q19.
//   - [Result] is the number of rows that a loop found, with a checksum.
//
// The bids that query 2 selects, of a million events:
//
//	result, err := limit.Q2(1_000_000, generate.Config{})
//
// # Guarantees
//
// A loop makes the events, one batch at a time, with the generator that flows
// read from, and does to each what the query asks with the means that suggest
// themselves: maps, sorted arrays, windows that close as time passes. It has
// no keys spread over tasks, no checkpoints and no disorder: a configuration
// whose events are not in order is an error. Results are those of the naive
// versions in the tests.
//
// # Which rows
//
// Rows are what the SQL of the Flink set gives. Windows have rows when they
// close, and all close at the end. Queries 15 and 19, which never end, give
// the row, or the ranks, that each bid changes. Query 7 gives the highest bids
// of a window, ties included, but not bids of the same price in the first
// millisecond of the next one, which its SQL allows.
//
// # Not here
//
// Queries whose loop would teach nothing new.
package limit
