// Package results finds and reads what the example programs have written, to
// show it.
//
// The nouns: [Dir] is where a program writes that was not told where to,
// [Lines] are what is in the files of one kind there, [Read] the same as
// records of a type:
//
//	rows, err := results.Read[Row](filepath.Join(results.Dir("wordcount"), "words"))
//
// Records come in the order of the files' names. Nothing here writes.
//
// Not here: large results, unless line by line. Read holds all in memory.
package results
