// Package model answers the queries of Nexmark without an engine: a few loops
// over a slice that holds all events. It is written from the queries' SQL
// (github.com/nexmark/nexmark, nexmark-flink/src/main/resources/queries) and, as
// SQL cannot say q6, from Apache Beam's Query6, and it shares no code with
// package query, so that the two can judge each other.
//
// The nouns:
//
//   - [Query] is one of the queries by name, with its rows.
//   - A row is a line of JSON whose fields are the columns of the SQL's SELECT,
//     in snake case and in that order, followed by a line feed.
//   - [Options] are the numbers that the queries leave open.
//
// The rows of one query:
//
//	q, err := model.Find("q5")
//	...
//	lines, err := q.Lines(events, model.Defaults())
//
// # Guarantees
//
// Rows depend on the events, their times and their order in the slice, which
// is taken for the order of the stream: it decides where SQL leaves open which
// of several equal bids comes first. The order of the rows means nothing. A
// query whose rows change has those that hold after the last event. No event
// is late, and each id of a person or an auction is that of one event.
//
// # Not here
//
// Time by the clock: of q12, the model has each bidder's number of bids in all
// windows together.
package model
