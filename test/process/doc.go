// Package process runs what a test is about in processes of their own, which
// can be interrupted, killed at a chosen point and started again. A child is
// the test binary itself, with a spec in its environment, and prints a report
// when it has ended.
//
// The nouns:
//
//   - [Main] is the TestMain of a package with children.
//   - [Process] is a child that runs or has run, or another [Program].
//   - [Death] says at which fault point of a job a child kills itself.
//
// A package's children, and a test with one of them:
//
//	func TestMain(m *testing.M) {
//		os.Exit(process.Main(m, func(s spec) (report, bool) { … }))
//	}
//
//	p := process.Start(t, spec{Death: process.Death{Point: "commit", Nth: 3}}, time.Minute)
//	var r report
//	p.Wait(t, &r)
//	if !p.Killed { … }
//
// # Guarantees
//
// A child ends with its parent and is bounded in time: one that hangs is made
// to print its goroutines and fails the test, as do a crash, a data race and
// an exit without a report.
//
// # Not here
//
// What children do.
package process
