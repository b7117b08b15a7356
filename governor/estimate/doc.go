// Package estimate learns what a task's work costs from what it was seen to
// cost: numbers in, numbers and honest margins out. It is pure.
//
// The nouns:
//
//   - [Linear] fits a line through up to three features by recursive least
//     squares with forgetting. No coefficient is negative, since no work gives
//     time back, and outliers weigh little.
//   - [Checkpoints] predicts what the next checkpoint will take of a task from the
//     bytes that have changed and the bytes there are.
//   - [Service] is how fast a task works, checkpoint time taken out.
//   - [Dirty] predicts how much will have changed when the barrier comes.
//
// In use:
//
//	var c estimate.Checkpoints
//	c.Observe(estimate.Checkpoint{Dirty: 80 << 20, State: 1 << 30, Capture: stall, Encode: e})
//	next := c.Predict(120<<20, 1<<30)
//	worst := next.Capture + next.Encode + next.Margin
//
// # Guarantees
//
// Every estimate is finite and not negative, whatever was observed. A value
// that cannot be (not finite, negative) is ignored.
//
// # Not here
//
// What to do about it: that is package governor's part.
package estimate
