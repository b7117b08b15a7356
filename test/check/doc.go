// Package check keeps the house rules: what a reviewer would otherwise have to look for in every
// change is looked for by a test. Run it with
//
//	go test ./test/check
//	go test -v -run Sizes ./test/check   # how long files and functions are
//
// A [Tree] is the repository as parsed files. A [Rule] is a name, a reason and a function from a
// Tree to [Finding] values. [Rules] lists them all. What a rule lets pass is in a table beside it,
// one row an exception with its reason: layers, dependencies and bans in imports.go, allowances in
// confinement.go, limits in sizes.go, large files in text.go. A new exception is a new row.
//
// Guarantees: every rule has canaries, small trees that it must object to, so a rule that has
// stopped looking is noticed.
//
// Limits: rules see source alone, without types; a determined author can get round them.
//
// Not here: what gofmt, go vet and staticcheck see.
package check
