// Command flights sums up the delays of flights by airport and hour: a flow
// with event time, windows, an aggregate of its own, and files at both ends.
//
//	go run ./examples/flights
//	go run ./examples/flights run -in flights.csv.gz -out out -state state -parallelism 2
//
// The first form runs on a sample that is built in and prints the hours in
// which most minutes were lost. The second keeps its state in a directory:
// stop it, kill it, start it again, with another parallelism if you like, and
// it goes on where its last checkpoint was.
//
// The nouns are those of main.go: a [Flight] is a line of the input, [Delays]
// what is summed up, an [Hour] a line of the output,
//
//	{"start":"2001-01-01T00:00:00Z","origin":"LAS","flights":7,"delay_sum":92,"delay_max":33}
//
// # Guarantees
//
// Each flight is in one hour, however often the program was killed. The input
// must be sorted by date, as the sample is; a flight that comes after its
// hour has been written is dropped and counted as late.
//
// # Not here
//
// Time zones: dates are local to the airport and are taken as UTC.
package main
