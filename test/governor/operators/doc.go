// Package operators has the four stateful operators that policies are compared
// with, as flows over real records.
//
// The nouns:
//
//   - an [Operator] is one of them: its data, and the steps of its flow.
//   - a [Row] is one result, of whichever operator.
//
// A flow of one of them:
//
//	op, err := operators.Find("sessions")
//	data, err := op.Load(operators.Inputs{})
//	flow := op.Flow(&replay.Player{
//		Stream: replay.Stream{Data: data, Copies: op.Copies(data, 64<<20)}, Splits: 2,
//	}, sink)
//
// The operators:
//
//	running    mapWithState: the mean of the latest 64 delays of each route
//	sliding    how often a word was used in half an hour, and where in its line,
//	           every ten minutes
//	join       flights there and back on the same route in the same six hours
//	sessions   earthquakes of a region until there is none for three hours, all
//	           of them kept
//
// # Guarantees
//
// Results are those of a plain loop over the stream, which the tests compare.
// A row has the event time of the record that it is of or, if it is of a
// window, of the window's last instant.
//
// # Not here
//
// How fast they are.
package operators
