// Package bench measures the engine against the limit: a hand-written loop
// that does the same work on the same data in the same run, or a sequential
// file with checksums beside a snapshot.
//
//	make bench
//
// Figures are ratios to the limit; see README.md for how to read them.
package bench
