// Package table holds the operators of tables: one row for each key, kept up
// to date as records come, and known to others by its updates.
//
// The nouns:
//
//   - [Update] is one change of a row: its value before and after. [ChangeKind]
//     says whether the row came, changed or went.
//   - [NewFold] makes rows of a keyed stream's records.
//   - [NewRegroup] makes rows of the rows of another table, by group; [NewDeal]
//     before it gives updates their groups.
//   - [NewJoin] makes rows of the rows that two tables have for a key.
//
// Users write, with the verbs of package dataflow, how many customers have
// placed how many orders:
//
//	orders := dataflow.Fold(byCustomer, "orders", agg.Count[Order]())
//	customers := dataflow.Regroup(orders, "customers",
//		func(_ string, orders int64) int64 { return orders }, agg.Count[int64]())
//
// # Guarantees
//
// The updates of a key come in order, each Before what the After before it was:
// whoever adds up After and takes back Before has the sum of the rows. Nothing
// is emitted where a row stays what it was. An update has the event time of the
// record that it comes from.
//
// Each record changes the tables behind it at once, one after the other, so
// that what is derived from two rows is at times derived from one that has
// changed and one that has yet to. The rows that a checkpoint sees are all of
// the same records; dataflow.Latest with AtBarrier lets only those out.
//
// A row costs one entry of state with its key, its value and what that was made
// of. Rows whose keys are not equal to themselves (NaN) are never found again.
//
// # Not here
//
// Pairs of all records of two streams, windows, and rows that expire.
package table
