// Package state keeps what a step remembers between records: tables from a
// key to a value, split into key groups, that can be captured in constant
// time and written out beside the work, only what has changed.
//
// The nouns:
//
//   - A key group is the unit in which state is moved between subtasks:
//     [GroupOf] maps a key's hash to one of a fixed number of them,
//     [RangeOf] says which a subtask owns.
//   - [Keyed] is a table; [Open] makes or restores one in a [Backend].
//   - [Backend] holds all tables of one subtask of one step: Capture freezes
//     them, Encode writes the frozen part to a [Sink] a slice at a time,
//     Complete or Abort ends it.
//   - [Block] is a piece of a run: the encoded entries of one table and key
//     group that one capture took. [Restore] gives back, as [Stored], those of
//     the runs that a group is restored from.
//
// A table by itself:
//
//	hash, err := codec.HashFor[string]()
//	b := state.NewBackend(state.Config{Groups: 128, Range: state.RangeOf(0, 1, 128)})
//	counts, err := state.Open[string, int64](b, state.Spec[string, int64]{Name: "counts"})
//	n, _ := counts.Update("LAS", hash("LAS"))
//	*n++
//
// # Guarantees
//
// A capture is a consistent cut: Encode writes every entry as it was when
// Capture was called, however much it has been changed since, because an
// entry is encoded before the first change to it (copy on write, with the
// encoding as the copy). No lock and no second goroutine are involved, so
// values that hold slices, maps or pointers are as safe as integers, as long
// as they are reached through the table for each change.
//
// Blocks carry a format version and the tables' schemas travel with them; a
// restore that cannot work is an error that names step, state and field.
//
// # Not here
//
// Disks, checksums and the choice of when to capture.
package state
