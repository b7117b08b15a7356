// Command wordcount counts the words of texts. See doc.go.
package main

import (
	"iter"
	"strings"
	"unicode"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Params become the flags -in and -out.
type Params struct {
	In  string `default:"examples/wordcount/data/opticks.txt" help:"text: a file, directory or pattern"`
	Out string `help:"directory for the counts; empty is a new temporary one"`
}

// Count is a line of the output: how often a word is in the input.
type Count struct {
	Word  string `json:"word"`
	Count int64  `json:"count"`
}

// WordCount is the flow.
var WordCount = dataflow.Define("wordcount", dataflow.ExactlyOnce,
	func(g *dataflow.Graph, p Params) {
		lines := file.ReadLines(g, "lines", p.In)
		words := dataflow.FlatMap(lines, "split", words)
		byWord := dataflow.KeyBy(words, "by-word", strings.ToLower)
		all := dataflow.Window(byWord, window.Global())
		counts := dataflow.Aggregate(all, "count", agg.Count[string]())
		file.WriteJSON(dataflow.Map(counts, "row", row), "out", p.path())
	})

func words(line string) iter.Seq[string] {
	return strings.FieldsFuncSeq(line, func(r rune) bool { return !unicode.IsLetter(r) })
}

func row(p dataflow.Pane[string, int64]) Count { return Count{p.Key, p.Value} }

func main() {
	cluster.MainWith(cluster.Options{
		Flows: []*dataflow.Flow{WordCount}, After: cluster.After(show),
	})
}
