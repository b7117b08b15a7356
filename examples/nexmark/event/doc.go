// Package event holds the records of Nexmark, a benchmark about an online
// auction (Tucker, Tufte, Papadimos and Maier, 2002): persons register, open
// auctions and bid.
//
// The nouns:
//
//   - [Event] is one record of the stream: a person, an auction or a bid.
//   - [Time] is a point in time as Nexmark knows it, in milliseconds.
//   - [Read] reads events from files of JSON lines; [Event.AppendJSON] makes
//     such a line.
//   - [Timed] is the option by which a source takes event times from events.
//
// A bid as a line of such a file:
//
//	{"kind":"bid","auction":1007,"bidder":1004,"price":1234,"channel":"Apple",
//	 "url":"https://…","date_time":"2015-07-15 00:00:00.000","extra":"…"}
//
// # Guarantees
//
// A line that is no event fails the flow, with its place in the error. Values
// are kept as they are: fields of later versions of the benchmark are ignored.
//
// # Not here
//
// Making events, which package generate does, and the queries, in package query.
package event
