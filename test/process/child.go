package process

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
)

// childEnv has the spec of a child as JSON.
const childEnv = "FLYBALL_TEST_CHILD"

// Exit statuses of children.
const (
	succeeded = 0
	reported  = 1 // an error
	badSpec   = 2
	orphaned  = 3
)

// Main runs the tests or, in a child, what it is told to, and returns the
// status to exit with. Run returns a report, whatever happens, and whether all
// went well; specs and reports travel as JSON.
func Main[S, R any](m *testing.M, run func(S) (R, bool)) int {
	text := os.Getenv(childEnv)
	if text == "" {
		flag.Parse()
		return m.Run()
	}
	var spec S
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		fmt.Fprintln(os.Stderr, "read the spec of a child:", err)
		return badSpec
	}
	go endWithParent()
	report, ok := run(spec)
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		fmt.Fprintln(os.Stderr, "write the report of a child:", err)
		return badSpec
	}
	if !ok {
		return reported
	}
	return succeeded
}

// endWithParent exits when the parent's end of the pipe is closed.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(orphaned)
}
