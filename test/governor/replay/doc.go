// Package replay is a source of real records, as fast as they are taken or
// when they are due: what the governor is measured with. The records are in
// memory before the clock starts, so that no time goes into parsing.
//
// The nouns:
//
//   - [Data] are records with their event times: flights, the words of a book,
//     earthquakes.
//   - [Stream] is data played over and over, every record as many times as there
//     are copies, each with keys of its own. So keys, and with them state, are
//     multiplied while their distribution in time stays that of the data.
//   - [Shape] is a rate over time.
//   - [Player] is a source that plays a stream. It notes when what left it.
//
// A minute of flights at a rate that comes in bursts:
//
//	flights, err := replay.Flights("flights.csv.gz")
//	p := &replay.Player{
//		Stream: replay.Stream{Data: flights, Copies: 100}, Splits: 2, For: time.Minute,
//		Pace: replay.Bursty(500_000),
//	}
//	records := p.Read(g, "flights")
//
// # Guarantees
//
// Record i of a stream is a function of i, as is its event time, which never
// falls. So the time at which a record was due, or left, can be told from its
// event time: records do not carry it. A player that was held up has its records
// late but not due later: latency counted from [Player.Due] is free of
// coordinated omission.
//
// What left when is remembered for the last [noted] batches of each split at
// least; of older ones the time of the oldest is given.
//
// # Not here
//
// What is done with the records, which is in package operators.
package replay
