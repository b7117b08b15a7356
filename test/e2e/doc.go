// Package e2e judges Flyball from outside: its tests run flows in processes
// of their own, kill them, take things away from them and damage what they
// left behind, and compare what they wrote with an oracle that is computed
// without Flyball.
//
//	go test ./test/e2e -short
//	go test ./test/e2e -run TestCrash -crash.n 500 -crash.seed 7
//	go test ./test/e2e -run TestSoak -soak.time 10m
//	go test ./test/e2e -run TestMemory -memory flights.csv.gz
//
// The nouns, all in its test files: a child is a process of package process, as
// the flow it is told to be; the oracle is the lines that must have been
// written; a wreck is a state directory with damage.
//
// # Guarantees
//
// A child lives no longer than its test, and a test is bounded in time: a
// child that hangs is made to print its goroutines and fails the test. A
// crash run is a function of its seed as far as the machine's timing allows.
//
// # Not here
//
// Simulated time and simulated networks, which find more in less time but
// believe what they simulate.
package e2e
