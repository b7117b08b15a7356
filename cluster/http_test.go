package cluster

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/plan"
)

// samplePages are the pages of a job with sample stats, at noon.
func samplePages(t *testing.T) (*pages, *fakeJob) {
	t.Helper()
	f := copyFlow("copy")
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(g, plan.Config{Parallelism: 2})
	if err != nil {
		t.Fatal(err)
	}
	job := &fakeJob{stats: sampleStats()}
	return newPages(job, p, func() time.Time { return noon }), job
}

func request(t *testing.T, g *pages, method, target string, header ...string) (int, string) {
	t.Helper()
	req := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	g.handler().ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

func TestMetrics(t *testing.T) {
	g, _ := samplePages(t)
	code, body := request(t, g, "GET", "/metrics")
	if code != http.StatusOK {
		t.Fatalf("got %d: %s", code, body)
	}
	if !strings.Contains(body, "go_goroutines ") {
		t.Error("there are no metrics of the Go runtime")
	}
	ours := regexp.MustCompile(`(?m)^(# (HELP|TYPE) )?flyball_.*\n`).FindAllString(body, -1)
	golden(t, "metrics.txt", strings.Join(ours, ""))
}

func TestMetricsAreConsistent(t *testing.T) {
	g, _ := samplePages(t)
	if _, err := g.metrics.Gather(); err != nil {
		t.Error(err)
	}
}

func TestStatusPage(t *testing.T) {
	g, job := samplePages(t)
	job.stats.Tasks[0].Vertex = "<script>"
	code, body := request(t, g, "GET", "/")
	if code != http.StatusOK || strings.Contains(body, "<script>") {
		t.Errorf("got %d: %s", code, body)
	}
	for _, want := range []string{
		"1.25M records read, 300 written", "watermark 2008-01-02T11:59:00Z",
		"4 complete, 1 failed, 6 under way",
		"latest: 5, 3s ago, took 120ms", "<svg", "lines → shout", "&lt;script&gt;/0", "<td>67%</td>",
		"<td>late</td><td>12</td>",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q:\n%s", want, body)
		}
	}
}

func TestPages(t *testing.T) {
	for _, c := range []struct {
		method, target string
		header         []string
		code           int
		body           string
	}{
		{"GET", "/healthz", nil, 200, "running"},
		{"GET", "/nothing", nil, 404, ""},
		{"POST", "/", nil, 405, ""},
		{"GET", "/debug/pprof/", nil, 200, "goroutine"},
		{"GET", "/savepoint", nil, 405, ""},
		{"POST", "/savepoint?label=before", nil, 200, `{"label":"before","savepoint":7}`},
		{"POST", "/savepoint?label=refused", nil, 503, `{"error":"the flow is not running"}`},
		{"POST", "/savepoint?label=" + strings.Repeat("x", 121), nil, 400, "longer than 120 bytes"},
		{"POST", "/savepoint", []string{"Sec-Fetch-Site", "cross-site"}, 403, ""},
	} {
		g, job := samplePages(t)
		code, body := request(t, g, c.method, c.target, c.header...)
		if code != c.code || !strings.Contains(body, c.body) {
			t.Errorf("%s %s: got %d %q, want %d %q", c.method, c.target, code, body, c.code, c.body)
		}
		if c.code == 200 && c.method == "POST" && job.label != "before" {
			t.Errorf("label: got %q", job.label)
		}
	}
}

func TestDiagram(t *testing.T) {
	g, _ := samplePages(t)
	g.plan.Vertices[1].Name = "<out>"
	golden(t, "diagram.svg", strings.ReplaceAll(string(diagram(g.plan)), "><", ">\n<")+"\n")
}
