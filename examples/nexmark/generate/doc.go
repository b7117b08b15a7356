// Package generate makes the events of the Nexmark benchmark: people,
// auctions and bids, one after the other, each a function of its number.
//
// The nouns:
//
//   - [Config] describes a stream; the zero Config is the benchmark's own.
//   - [Read] is the source of a flow. [Pace] says how fast it goes.
//   - [Generator] makes the same events for a plain loop.
//
// A million events, shared among the source's splits, as a stream:
//
//	events := generate.Read(g, "events", 1_000_000, generate.Config{},
//		event.Timed(4*time.Second))
//
// # Guarantees
//
// Events are Apache Beam's (sdks/java/testing/nexmark, Generator), to the last
// character: each is drawn from java.util.Random, seeded with its id. Of any
// fifty events the first is a person, the next three are auctions and the rest
// bids; ids, hot sellers, auctions and bidders, prices, texts and times are as
// there.
//
// A stream is the same in every run and for any number of splits. Split i of n
// makes the events i, i+n, i+2n, …, so that event times advance in all splits
// alike, and can go on from any offset. Per event there are about 0.03
// allocations: text is allocated 4 KiB at a time, people and auctions by
// sixteen. An event that is kept keeps the memory of those it shares a chunk
// with.
//
// # How it differs from Beam
//
//   - There is one timeline. Beam's generators, of which it has 100 unless
//     told otherwise, repeat the same event times with other ids.
//   - Bids have a channel and a URL, as in the Flink set (nexmark/nexmark):
//     half of the bids come from four hot channels, the others from 10,000, of
//     which nine in ten have a channel_id in their URL. They are drawn after
//     all that Beam draws, and the table of channels from new Random(0); in
//     the Flink set they are different in every run.
//   - The time between events is exactly 1/Rate; Beam rounds it to
//     microseconds. The rate is constant.
//   - An event is late by multiples of an eighth of Delay in event time, as
//     its number says. Beam delays by the wall clock, at random.
//   - A price is off by one where Java's Math.pow and Go's math.Pow differ and
//     a rounding lies between: about one in 10⁸.
//
// # How it differs from the Flink set
//
//   - Events can be repeated: the Flink set's random source has no seed.
//   - Bidders have the ids of people. The Flink set adds the first person's id
//     twice, so that bidders begin at 2000 and people at 1000.
//   - The text of no meaning is made anew for each event, as in Beam; the Flink
//     set cuts it from one string.
//
// # Runs of alike events
//
// java.util.Random gives neighbouring seeds nearly the same first number, and
// the first that is drawn for a bid is whether it is for a hot auction. So
// Beam's events come in runs: up to thousands with all bids for hot auctions,
// then as many with none. With a [Config.Seed] other than 0, ids
// are scrambled before they become seeds, and every event is drawn by itself,
// which is what the Flink set does.
//
// # Not here
//
// The records themselves, which are in package event, and wall clock time
// without [OnTime].
package generate
