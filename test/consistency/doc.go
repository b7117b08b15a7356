// Package consistency judges whether what Flyball shows is true: it moves money
// between accounts and looks whether any output ever has more or less of it
// than there is.
//
//	go test ./test/consistency -short
//	go test ./test/consistency -v -run TestTotal -transfers 1000000
//	go test ./test/consistency -run TestCrash -kills 200 -seed 7
//
// The flow is that of jamii/streaming-consistency ("Internal consistency in
// streaming systems", 2021): transfers of one dollar between ten accounts, out
// of order by up to ten seconds, and four views of them: credits and debits by
// account, the balance of each account, which joins the two, and the total of
// all balances. The total is 0 whatever transfers it is of; an output in which
// it is not has seen half of a transfer. In that comparison systems which emit
// each change as it comes break the total.
//
// The nouns, all in its test files: a child is the test binary run again, as
// the flow; a cut is what became visible with one checkpoint; the model is the
// views as maps, computed without Flyball; a verdict is how many outputs there
// were and how many of them were wrong.
//
// # Guarantees
//
// A fifth view says how many transfers of each split of the source are in a
// cut, so every view of every cut is compared with the model of exactly those
// transfers, at every parallelism, after failures, and after kills.
//
// # Not here
//
// Other flows: test/e2e compares whole outputs with an oracle.
package consistency
