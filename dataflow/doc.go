// Package dataflow is the language in which flows are written: typed streams,
// keys, windows, state, sources and sinks, one named step a line.
//
// The nouns:
//
//   - [Flow] is a named program, made by [Define]; [Graph] collects its steps.
//   - [Stream], [Keyed] and [Windowed] are the stages records pass: only keyed
//     streams can hold state, only windowed ones can be aggregated, and the
//     compiler sees to it.
//   - [Processor] is code of one's own for a keyed stream, with state in
//     [Value], [List] and [MapState] handles and timers by its [Context].
//   - [Table] is a stream of updates to the rows of a table, which say what a
//     row was and what it is.
//   - [Source] and [Sink] are the ends; connectors such as dataflow/file wrap
//     them in verbs of their own.
//   - [Guarantee] is what the flow promises about its output.
//
// The word count, whole:
//
//	var WordCount = dataflow.Define("wordcount", dataflow.ExactlyOnce,
//		func(g *dataflow.Graph, p Paths) {
//			lines := file.ReadLines(g, "lines", p.In)
//			words := dataflow.FlatMap(lines, "split", strings.FieldsSeq)
//			byWord := dataflow.KeyBy(words, "by-word", strings.ToLower)
//			counts := dataflow.Rolling(byWord, "count", agg.Count[string]())
//			file.WriteJSON(counts, "out", p.Out)
//		})
//
// The verbs, by what they are for:
//
//	each record    Map, Filter, FilterMap, FlatMap, TryMap, Lookup, Branch, Union
//	each key       KeyBy, Rolling, Top, Improving, Process, Connect
//	windows        Window, Combine, Aggregate, Join, CoGroup, Late
//	joins for good Attach (one to many), Match (many to many)
//	tables         Fold, Regroup, JoinTables
//	release        Latest, at each checkpoint or at the end
//	distribution   Rebalance, Broadcast
//
// Every verb takes the stream first, then the step's name, then what it does,
// then options. The name is the step's identity: state in checkpoints,
// metrics, errors and logs are found by it.
//
// # Guarantees
//
// Building never panics on a mistake and reports all mistakes at once, each
// with the line of the flow's author. Nothing runs while a flow is built.
// Functions passed to steps are called by one task at a time and must depend
// on their arguments alone; a panic in one becomes an error that names the
// step and the record.
//
// # Not here
//
// Running: that is package actors, or cluster.Main around it.
package dataflow
