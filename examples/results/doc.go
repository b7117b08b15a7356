// Package results finds and reads what the example programs have written, to
// show it.
//
// The nouns: [Dir] is where a program writes that was not told where to,
// [Files] are the files of one kind there, [Read] are the records in them:
//
//	rows, err := results.Read[Row](filepath.Join(results.Dir("wordcount"), "words"))
//
// Records come in the order of the files' names. Nothing here writes.
//
// Not here: large results. All records are held in memory.
package results
