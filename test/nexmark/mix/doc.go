// Package mix makes streams of Nexmark events that are as awkward as a query
// must bear: few ids and prices, so that much is equal; times on the bounds of
// windows and auctions; bids before their auction, for auctions that never
// come and when they are closed; people who never come; pauses in which
// windows stay empty, up to days; text that needs care in JSON.
//
// The nouns:
//
//   - [Events] is a stream, a function of its seed.
//   - [Disorder] is by how much its events are out of order.
//   - [WriteFile] puts it where event.Read finds it.
//
// A thousand events in a file:
//
//	events := mix.Events(7, 1000)
//	err := mix.WriteFile("events.jsonl", events)
//
// # Guarantees
//
// No event is older than one before it by more than Disorder, so none is late
// with a watermark of that delay, in whatever parts the stream is read. Ids of
// people and of auctions are unique.
//
// # Not here
//
// Streams as the benchmark has them, which package generate makes.
package mix
