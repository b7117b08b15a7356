// Command wordcount counts the words of texts.
//
//	go run ./examples/wordcount
//	go run ./examples/wordcount run -in 'books/*.txt' -out counts -state state -parallelism 2
//
// The first form, from the root of the repository, reads the text that comes
// with it, prints the most frequent words and says where all counts are. The
// second keeps its state: killed and started again, it goes on.
//
// The nouns: the [Params] are the flags; a [Count] is a line of the output:
//
//	{"word":"light","count":355}
//
// A word is a run of letters; its case does not matter. Counts are exact after
// any failure. They are written when the input has ended: for counts as they
// grow, use dataflow.Rolling in place of the window.
//
// Not here: hyphens, apostrophes and stems; they would need a dictionary.
package main
