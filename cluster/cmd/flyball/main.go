// Flyball is the command line without a flow: it looks into state directories
// and says which version it is. Programs that link flows with cluster.Main
// have the same commands, and run.
package main

import "github.com/flyball-stream/flyball/cluster"

func main() { cluster.Main() }
