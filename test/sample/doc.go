// Command sample cuts the first whole days out of a compressed file of flights, for the sample that
// the examples and tests read.
//
//	go run ./test/sample -in flights-3m.csv.gz -out examples/flights/data/flights-sample.csv.gz
//
// The input is CSV with one header line, sorted by its first column, whose first ten characters are
// the day. Whole days are taken until at least -rows records have been taken.
//
// Guarantees: the same input gives the same bytes (no time or name in the gzip header); the output
// takes the place of an older one only when it is complete.
//
// Not here: any change to a record. Lines are copied as they are.
package main
