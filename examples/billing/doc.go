// Command billing adds up orders by account and hour, although some come
// twice, some late and some make no sense: state and timers of one's own,
// dead letters and late records.
//
//	go run ./examples/billing
//	go run ./examples/billing run -in 'orders*.jsonl' -out bills -state state -parallelism 2
//
// The first form, from the root of the repository, reads the orders that come
// with it and prints what each account owes. The second keeps its state.
//
// The nouns: an [Order] is a line of the input, a [Bill] what an account owes
// for an hour, a [Letter] a line that is no order and why. Orders that came
// after the bill of their hour are in files of their own.
//
// # Guarantees
//
// Each order is on one bill, or among the late ones, once: an order with the
// number of an earlier one is dropped if it is dated within a day of it.
// Every other line is a dead letter. All that holds across failures. How many
// of the orders that are late for others still reach their bill depends on how
// far event time has come meanwhile, which may differ from run to run.
//
// # Not here
//
// Money in several currencies, and what to do with late orders.
package main
