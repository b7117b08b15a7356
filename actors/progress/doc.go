// Package progress tracks event time: how far each input of a task has come,
// and how far the task may therefore believe to be. It is pure.
//
// The nouns:
//
//   - A watermark W says that no record before W is to be expected.
//   - [Merger] keeps the watermark of each input and their minimum.
//   - An idle input, one that has fallen silent, does not hold the others back.
//   - [Bounded] makes watermarks out of the event times of one split, whose
//     disorder is bounded.
//
// In use:
//
//	m := progress.NewMerger(2, operator.MinTimestamp)
//	m.Advance(0, 100)            // false: input 1 has not spoken
//	at, ok := m.Advance(1, 70)   // 70, true
//
// # Guarantees
//
// What a Merger or Bounded reports never falls. An input that wakes from
// idleness behind the reported watermark does not pull it back: its records
// are late.
//
// # Not here
//
// Timers and windows, which act on watermarks.
package progress
