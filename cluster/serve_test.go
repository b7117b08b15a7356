package cluster

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
)

// TestServe runs a job that asks its own server how it is.
func TestServe(t *testing.T) {
	address := regexp.MustCompile(`status at (http://\S+)`)
	var stderr buffer
	health := ""
	job := &fakeJob{stats: sampleStats()}
	job.run = func(context.Context) error {
		m := address.FindStringSubmatch(stderr.String())
		if m == nil {
			return fmt.Errorf("no address in %q", stderr.String())
		}
		resp, err := http.Get(m[1] + "healthz")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		health = string(body)
		return err
	}
	code := Run(t.Context(), Options{
		Flows: []*dataflow.Flow{copyFlow("copy")}, Stdout: io.Discard, Stderr: &stderr,
		Args: []string{"prog", "-http", "127.0.0.1:0"}, engine: engineOf(job),
	})
	if code != ExitOK || health != "running\n" {
		t.Errorf("exit code %d, health %q, stderr %q", code, health, stderr.String())
	}
	m := address.FindStringSubmatch(stderr.String())
	if _, err := http.Get(m[1]); err == nil {
		t.Error("the server still answers after the run")
	}
}

func TestServeTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	job := &fakeJob{}
	got := try(t, job, Options{Flows: []*dataflow.Flow{copyFlow("copy")}}, "-http "+l.Addr().String())
	if got.code != ExitFailure || !job.closed || !strings.Contains(got.stderr, "(-http): listen") {
		t.Errorf("exit code %d, closed %v, stderr %q", got.code, job.closed, got.stderr)
	}
}
