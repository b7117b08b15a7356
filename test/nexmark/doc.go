// Package nexmark judges the queries of examples/nexmark: its tests run each of
// them on awkward streams and on the benchmark's own, to the end, with a stop
// on the way and with processes that are killed, and compare all that they
// wrote, byte by byte, with what the models of package model say.
//
//	go test ./test/nexmark -short
//	go test ./test/nexmark -nexmark.n 20000 -nexmark.seed 7 -nexmark.kills 20
//
// The nouns, all in its test files: a stream is events with a name, from a
// file or generated; a spec is one run of a query on it, in this process or a
// child; a way is how the query writes, each change or the last state only.
// README.md has the rules by which the queries and the models agree.
//
// # Guarantees
//
// Streams, and at which points a child dies, are functions of the seed; when
// that is, is up to the machine.
//
// # Not here
//
// How fast the queries are.
package nexmark
