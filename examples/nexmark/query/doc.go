// Package query answers the questions of Nexmark, a flow for each: what the
// language of package dataflow looks like at work.
//
// The nouns:
//
//   - [Q0] to [Q22] take a stream of events to a stream of rows, whose fields
//     are the columns of the query's SQL.
//   - [Query] is one of them by name, with what becomes of its rows: [Output].
//   - [Settings] are what the queries leave open, such as the size of windows.
//
// The bids for each 123rd auction, to files called out/q2-….jsonl:
//
//	events := event.Read(g, "events", "events.jsonl", query.Defaults().Delay)
//	q, err := query.Find("q2")
//	...
//	q.Add(events, query.Defaults(), query.Output{Dir: "out"})
//
// The text of the queries is that of github.com/nexmark/nexmark, but for q6,
// which its SQL cannot say and which follows Apache Beam's.
//
// # Guarantees
//
// The rows depend on the events alone, not on parallelism, batches or
// failures, as long as events are out of order by no more than the watermark's
// delay; q12 depends on the clock as well. Where SQL leaves open which of
// several equal rows comes first, the place in the stream decides. A query
// whose rows change writes each row again when it does: the last one of its
// key counts, and only that is written with Output.Final.
//
// # Not here
//
// Where events come from: packages event and generate.
package query
