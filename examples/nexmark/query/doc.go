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
// The bids for every 123rd auction, to files called out/q2-….jsonl:
//
//	s := query.Defaults()
//	events := event.Read(g, "events", "events.jsonl", event.Timed(4*time.Second))
//	q, err := query.Find("q2")
//	...
//	q.Add(events, s, query.Output{Dir: "out"})
//
// # Guarantees
//
// The rows depend on the events alone, not on parallelism, batches or
// failures; those of windows do as long as no event is late, and those of q12
// depend on the clock as well. Where SQL leaves open which of several equal
// bids comes first, their places in the stream decide. Joins without windows,
// in q3, q4, q6, q9 and q20, drop nothing that is late.
//
// A query whose rows change writes a row again when it does, so that the last
// one of its key counts; with Output.Final only that is written.
//
// # How the queries differ from their SQL
//
// The text is that of github.com/nexmark/nexmark, in
// nexmark-flink/src/main/resources/queries.
//
//   - SQL joins all records with equal keys. Here each id of a person and of an
//     auction is that of one event, as the benchmark has it; that spares q3,
//     q4, q6, q9 and q20 to keep what has been joined.
//   - q6, which Flink's SQL cannot say, follows Apache Beam's Query6, but is
//     kept up to date from an auction's first bid on, and cuts averages down to
//     integers as SQL does.
//   - q7 leaves out bids of the same price in the first millisecond of the next
//     window.
//   - q10 commits its files with checkpoints, not some time after a minute.
//
// # Not here
//
// Where events come from: packages event and generate.
package query
