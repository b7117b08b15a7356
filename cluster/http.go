package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/flyball-stream/flyball/dataflow/plan"
)

// serve starts the HTTP server, if one is wanted, and returns what stops it.
func (r *runner) serve() (stop func(), err error) {
	if r.own.HTTP == "" {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", r.own.HTTP)
	if err != nil {
		return nil, fmt.Errorf("serve metrics and status (-http): %w", err)
	}
	log, err := newLogger(r.out, r.own.LogLevel, r.own.LogFormat)
	if err != nil {
		return nil, err
	}
	srv := &http.Server{
		Handler:           newPages(r.job, r.plan, r.now).handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Minute, // a savepoint or a long profile
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			r.say("the status server has ended: %v", err)
		}
	}()
	r.say("status at http://%s/", l.Addr())
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if srv.Shutdown(ctx) != nil {
			_ = srv.Close() // somebody holds on, such as a long profile
		}
		<-done
	}, nil
}

// pages are what a running job shows over HTTP.
type pages struct {
	job     job
	plan    *plan.Plan
	metrics *prometheus.Registry
	now     func() time.Time
}

func newPages(j job, p *plan.Plan, now func() time.Time) *pages {
	g := &pages{job: j, plan: p, metrics: prometheus.NewRegistry(), now: now}
	g.metrics.MustRegister(
		newCollector(j.Stats, j.Bound().Total, now),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return g
}

func (g *pages) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", g.status)
	mux.Handle("GET /metrics", promhttp.HandlerFor(g.metrics, promhttp.HandlerOpts{
		MaxRequestsInFlight: 4, Timeout: 10 * time.Second,
	}))
	mux.HandleFunc("GET /healthz", g.health)
	mux.HandleFunc("GET /why", g.why)
	mux.HandleFunc("POST /savepoint", g.savepoint)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	// A page of another site must not take savepoints through a browser.
	return http.NewCrossOriginProtection().Handler(mux)
}

func (g *pages) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, g.job.Stats().Phase)
}

// maxLabel bounds a savepoint's label.
const maxLabel = 120

func (g *pages) savepoint(w http.ResponseWriter, req *http.Request) {
	label := req.URL.Query().Get("label")
	if len(label) > maxLabel {
		answer(w, http.StatusBadRequest,
			map[string]any{"error": fmt.Sprintf("the label is longer than %d bytes", maxLabel)})
		return
	}
	id, err := g.job.Savepoint(req.Context(), label)
	if err != nil {
		answer(w, http.StatusServiceUnavailable, map[string]any{"error": err.Error()})
		return
	}
	answer(w, http.StatusOK, map[string]any{"savepoint": id, "label": label})
}

func answer(w http.ResponseWriter, code int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // the reader has gone if this fails
}
