// Command nexmark answers the questions of a benchmark about an online auction,
// q0 to q22.
//
//	go run ./examples/nexmark
//	go run ./examples/nexmark run -query q5 -events events.jsonl -out out -state state \
//	    -parallelism 2
//
// The first form generates events, asks for the auctions with most bids every
// two seconds, and shows some of the rows. The second reads events from a file,
// one a line, writes the rows to out/q5-….jsonl and keeps its state: killed and
// started again, it goes on.
//
// The nouns: an event is a person, an auction or a bid, see package event;
// each query is a flow of its own in package query, in the file of its name;
// package generate makes events, always the same ones.
//
// A query whose rows change writes a row again when it does. With -final it
// writes the last state of each when the input has ended.
//
// # Guarantees
//
// Results are the same at any parallelism and after any failure, but for q12,
// which asks the clock.
//
// # Not here
//
// Measurements: they are in test/nexmark.
package main
