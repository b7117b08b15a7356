package cluster

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// taskMetric is one number of each task.
type taskMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(actors.TaskStats) float64
}

// jobMetric is one number of the whole job.
type jobMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(actors.Stats) float64
}

// A collector gives Prometheus a job's stats as they are when it asks.
type collector struct {
	stats func() actors.Stats
	now   func() time.Time

	tasks     []taskMetric
	jobs      []jobMetric
	watermark *prometheus.Desc
	lag       *prometheus.Desc
	counter   *prometheus.Desc
	phase     *prometheus.Desc
}

const (
	counterValue = prometheus.CounterValue
	gaugeValue   = prometheus.GaugeValue
)

func newCollector(stats func() actors.Stats, bound int64, now func() time.Time) *collector {
	c := &collector{
		stats: stats, now: now,
		watermark: taskDesc("watermark_seconds", "Watermark, in seconds since 1970."),
		lag:       taskDesc("watermark_lag_seconds", "Age of the watermark."),
		counter: prometheus.NewDesc("flyball_step_events_total",
			"What steps count, by event, such as late records.", []string{"flow", "step", "event"}, nil),
		phase: prometheus.NewDesc("flyball_job_phase",
			"1 for the phase the job is in.", []string{"flow", "phase"}, nil),
	}
	c.tasks = append(taskMetrics(), governedMetrics()...)
	c.jobs = append(jobMetrics(), checkpointMetrics(now)...)
	c.job("memory_bound_bytes", gaugeValue, "Memory the job may use beside its state.",
		func(actors.Stats) float64 { return float64(bound) })
	return c
}

func taskDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("flyball_task_"+name, help, []string{"flow", "step", "subtask"}, nil)
}

func (c *collector) job(
	name string, kind prometheus.ValueType, help string, value func(actors.Stats) float64,
) {
	c.jobs = append(c.jobs, newJobMetric(name, kind, help, value))
}

func newJobMetric(
	name string, kind prometheus.ValueType, help string, value func(actors.Stats) float64,
) jobMetric {
	return jobMetric{prometheus.NewDesc("flyball_"+name, help, []string{"flow"}, nil), kind, value}
}

func taskMetrics() []taskMetric {
	type stats = actors.TaskStats
	counter := func(name, help string, value func(stats) float64) taskMetric {
		return taskMetric{taskDesc(name, help), counterValue, value}
	}
	gauge := func(name, help string, value func(stats) float64) taskMetric {
		return taskMetric{taskDesc(name, help), gaugeValue, value}
	}
	return []taskMetric{
		counter("records_in_total", "Records received or, by a source, read.",
			func(t stats) float64 { return float64(t.RecordsIn) }),
		counter("records_out_total", "Records sent or, by a sink, written.",
			func(t stats) float64 { return float64(t.RecordsOut) }),
		counter("bytes_in_total", "Memory of the records received.",
			func(t stats) float64 { return float64(t.BytesIn) }),
		counter("bytes_out_total", "Memory of the records sent.",
			func(t stats) float64 { return float64(t.BytesOut) }),
		counter("busy_seconds_total", "Time spent in operators.",
			func(t stats) float64 { return t.Busy.Seconds() }),
		counter("blocked_seconds_total", "Time spent waiting for downstream credit.",
			func(t stats) float64 { return t.Blocked.Seconds() }),
		counter("idle_seconds_total", "Time spent waiting for input.",
			func(t stats) float64 { return t.Idle.Seconds() }),
		gauge("credits_held", "Batches the task may still send.",
			func(t stats) float64 { return float64(t.CreditsHeld) }),
		gauge("credits", "Batches the task may send when nothing is in flight.",
			func(t stats) float64 { return float64(t.Credits) }),
		gauge("queued_batches", "Batches received and not yet processed.",
			func(t stats) float64 { return float64(t.Queued) }),
		gauge("state_entries", "Keyed state entries.",
			func(t stats) float64 { return float64(t.Entries) }),
	}
}

// governedMetrics are about what policies know and decide.
func governedMetrics() []taskMetric {
	type governed = actors.Governed
	gauge := func(name, help string, value func(governed) float64) taskMetric {
		return taskMetric{taskDesc(name, help), gaugeValue,
			func(t actors.TaskStats) float64 { return value(t.Governed) }}
	}
	return []taskMetric{
		gauge("rate_limit", "Records a second that the task can take in, as its policy sees it; 0 if unknown.",
			func(g governed) float64 { return g.Reason.Limit }),
		gauge("source_rate", "Records a second that a source may read; 0 for no bound.",
			func(g governed) float64 { return g.Rate }),
		gauge("service_rate", "Records processed in a second of work, lately.",
			func(g governed) float64 { return g.Service }),
		gauge("state_dirty_bytes", "State changed since the last checkpoint, when encoded; an estimate.",
			func(g governed) float64 { return float64(g.Dirty) }),
		gauge("state_bytes", "State when encoded; an estimate.",
			func(g governed) float64 { return float64(g.State) }),
		gauge("checkpoint_predicted_seconds", "What the next checkpoint is predicted to take of the task's time.",
			func(g governed) float64 { return g.Next.Own().Seconds() }),
		gauge("checkpoint_foreseen_seconds", "What the last checkpoint was predicted to take.",
			func(g governed) float64 { return g.Predicted.Own().Seconds() }),
		gauge("checkpoint_taken_seconds", "What it did take.",
			func(g governed) float64 { return (g.Last.Capture + g.Last.Encode).Seconds() }),
		gauge("checkpoint_persist_seconds", "From the last capture until all was durable.",
			func(g governed) float64 { return g.Last.Persist.Seconds() }),
	}
}

func jobMetrics() []jobMetric {
	return []jobMetric{
		newJobMetric("in_flight_bytes", gaugeValue, "Memory of all batches covered by credits.",
			func(s actors.Stats) float64 { return float64(s.InFlight) }),
		newJobMetric("checkpoint_interval_seconds", gaugeValue,
			"Time between checkpoints, where a governor decides; 0 otherwise.",
			func(s actors.Stats) float64 { return s.Schedule.Interval.Seconds() }),
		newJobMetric("restarts_total", counterValue, "Attempts after the first.",
			func(s actors.Stats) float64 { return float64(max(s.Attempt-1, 0)) }),
	}
}

func checkpointMetrics(now func() time.Time) []jobMetric {
	type stats = actors.Stats
	last := func(name, help string, value func(actors.CheckpointInfo) float64) jobMetric {
		return newJobMetric("checkpoint_"+name, gaugeValue, help,
			func(s stats) float64 { return value(s.Checkpoints.Last) })
	}
	return []jobMetric{
		newJobMetric("checkpoints_total", counterValue, "Checkpoints completed.",
			func(s stats) float64 { return float64(s.Checkpoints.Completed) }),
		newJobMetric("checkpoints_failed_total", counterValue, "Checkpoints given up.",
			func(s stats) float64 { return float64(s.Checkpoints.Failed) }),
		newJobMetric("checkpoint_in_progress", gaugeValue, "1 while a checkpoint is under way.",
			func(s stats) float64 { return float64(min(s.Checkpoints.InProgress, 1)) }),
		last("last_id", "Number of the latest checkpoint, 0 if none.",
			func(c actors.CheckpointInfo) float64 { return float64(c.ID) }),
		last("last_duration_seconds", "From its trigger to its publication.",
			func(c actors.CheckpointInfo) float64 { return c.Duration.Seconds() }),
		last("last_alignment_seconds", "Longest wait between first and last barrier.",
			func(c actors.CheckpointInfo) float64 { return c.Alignment.Seconds() }),
		last("last_bytes", "Bytes written by it.",
			func(c actors.CheckpointInfo) float64 { return float64(c.Bytes) }),
		last("last_entries", "State entries written by it.",
			func(c actors.CheckpointInfo) float64 { return float64(c.Entries) }),
		last("age_seconds", "Time since the latest checkpoint completed, 0 if none has.",
			func(c actors.CheckpointInfo) float64 {
				if c.ID == 0 {
					return 0
				}
				return now().Sub(c.At).Seconds()
			}),
	}
}

// Describe lists the metrics.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range c.tasks {
		ch <- m.desc
	}
	for _, m := range c.jobs {
		ch <- m.desc
	}
	ch <- c.watermark
	ch <- c.lag
	ch <- c.counter
	ch <- c.phase
}

// Collect sends the metrics of this moment.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	s := c.stats()
	for _, m := range c.jobs {
		ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(s), s.Flow)
	}
	for _, t := range s.Tasks {
		c.task(ch, s.Flow, t)
	}
	for k, n := range s.Counters {
		ch <- prometheus.MustNewConstMetric(c.counter, counterValue, float64(n), s.Flow, k.Step, k.Name)
	}
	for _, p := range []actors.Phase{
		actors.Starting, actors.Running, actors.Restarting, actors.Stopping, actors.Ended,
	} {
		on := 0.0
		if p == s.Phase {
			on = 1
		}
		ch <- prometheus.MustNewConstMetric(c.phase, gaugeValue, on, s.Flow, string(p))
	}
}

func (c *collector) task(ch chan<- prometheus.Metric, flow string, t actors.TaskStats) {
	subtask := strconv.Itoa(t.Subtask)
	for _, m := range c.tasks {
		ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(t), flow, t.Vertex, subtask)
	}
	if t.Watermark == operator.MinTimestamp || t.Watermark == operator.MaxTimestamp {
		return // no event time, or no more of it
	}
	at := t.Watermark.Time()
	ch <- prometheus.MustNewConstMetric(c.watermark, gaugeValue,
		float64(t.Watermark)/1e9, flow, t.Vertex, subtask)
	ch <- prometheus.MustNewConstMetric(c.lag, gaugeValue,
		c.now().Sub(at).Seconds(), flow, t.Vertex, subtask)
}
