// Package operator is the contract between a flow's steps and whatever runs
// them: typed batches of records, the single-threaded operators that turn one
// batch into others, and the connectors at a flow's ends.
//
// The nouns:
//
//   - [Records] and [Keyed] are the typed batches that travel between steps,
//     drawn from a [Pool] and given back to it; [Batch] is either, erased.
//   - [Operator] is one step's half of the work: Process takes a batch and
//     emits others to an [Outbox]. It may ask for more by implementing
//     [Opener], [Watermarker], [Barrierer], [Finisher] or [Alarm].
//   - [Runtime] is what an operator learns about where it runs, and its state.
//   - [Source], [Reader] and [Split] are how records enter; [Sink], [Writer]
//     and [Prepared] are how they leave, in two phases.
//
// A pass-through operator, whole:
//
//	type pass struct{}
//
//	func (pass) Process(_ int, b operator.Batch, out operator.Outbox) error {
//		return out.Emit(0, b)
//	}
//
// # Guarantees
//
// One operator value is called by one goroutine at a time and needs no lock.
// A batch has one owner at any moment; whoever holds it emits it, hands it on
// or releases it. Watermarks reach an operator after every record that came
// before them on the same channel.
//
// # Not here
//
// Goroutines, clocks, credits, checkpoints and disks: an operator never meets
// them. They live in package actors.
package operator
