package cluster

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// writeList writes a table of checkpoints, the oldest first.
func writeList(w io.Writer, list []*snapshot.Manifest, now time.Time) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tKIND\tFLOW\tCREATED\tAGE\tSIZE\tENTRIES\tTASKS\tLABEL")
	for _, m := range list {
		z := sizeOf(m)
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\n", m.ID, kindName(m), m.Flow,
			m.Created.UTC().Format(time.DateTime), brief(now.Sub(m.Created)),
			byteSize(z.bytes), z.entries, len(m.Tasks), printable([]byte(m.Label)))
	}
	return t.Flush()
}

func kindName(m *snapshot.Manifest) string {
	name := "checkpoint"
	if m.Kind == snapshot.Savepoint {
		name = "savepoint"
	}
	if m.Final {
		name = "final " + name
	}
	return name
}

// holding is how much a checkpoint, or a state in it, holds. Entries that
// were changed count once in each segment that has them.
type holding struct {
	bytes, entries, segments int64
}

func (h *holding) add(refs []snapshot.Ref) {
	for _, r := range refs {
		h.bytes += int64(r.Bytes)
		h.entries += int64(r.Entries)
		h.segments++
	}
}

func sizeOf(m *snapshot.Manifest) holding {
	var h holding
	for _, t := range m.Tasks {
		for _, s := range t.States {
			h.add(s.Segments)
		}
	}
	return h
}

// writeManifest writes what a checkpoint holds: its states by step, how far
// its sources had read, and what its sinks are to commit.
func writeManifest(w io.Writer, m *snapshot.Manifest, now time.Time) error {
	z := sizeOf(m)
	fmt.Fprintf(w, "%s %d of flow %s", kindName(m), m.ID, m.Flow)
	if m.Label != "" {
		fmt.Fprintf(w, ", %q", m.Label)
	}
	fmt.Fprintf(w, "\ncreated %s, %s ago, by attempt %d\n", m.Created.UTC().Format(time.DateTime),
		brief(now.Sub(m.Created)), m.Attempt)
	fmt.Fprintf(w, "fingerprint %s, %s\n", m.Fingerprint, countOf(int64(m.KeyGroups), "key group"))
	fmt.Fprintf(w, "%s in %s, %s\n", byteSize(z.bytes), countOf(z.segments, "segment"),
		countOf(int64(len(m.Tasks)), "task"))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	writeTasks(t, m)
	writeStates(t, m)
	writeSplits(t, m)
	return t.Flush()
}

func writeTasks(w io.Writer, m *snapshot.Manifest) {
	fmt.Fprintln(w, "\nTASK\tWATERMARK\tTO COMMIT")
	for _, t := range m.Tasks {
		fmt.Fprintf(w, "%s/%d\t%s\t%d\n", t.Vertex, t.Subtask,
			timestamp(operator.Timestamp(t.Watermark)), len(t.Commits))
	}
}

// stateKey names a state across the tasks that share it.
type stateKey struct{ step, state, key, value string }

func writeStates(w io.Writer, m *snapshot.Manifest) {
	var order []stateKey
	held := map[stateKey]*holding{}
	for _, t := range m.Tasks {
		for _, s := range t.States {
			k := stateKey{s.Step, s.State, s.KeySchema, s.ValueSchema}
			if held[k] == nil {
				held[k] = &holding{}
				order = append(order, k)
			}
			held[k].add(s.Segments)
		}
	}
	if len(order) == 0 {
		return
	}
	slices.SortFunc(order, func(a, b stateKey) int {
		return strings.Compare(a.step+"\x00"+a.state, b.step+"\x00"+b.state)
	})
	fmt.Fprintln(w, "\nSTEP\tSTATE\tENTRIES\tSIZE\tSEGMENTS\tKEY\tVALUE")
	for _, k := range order {
		h := held[k]
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%s\t%s\n", k.step, k.state, h.entries,
			byteSize(h.bytes), h.segments, oneLine(k.key), oneLine(k.value))
	}
}

func writeSplits(w io.Writer, m *snapshot.Manifest) {
	head := "\nSOURCE\tSPLIT\tOFFSET\tWATERMARK"
	for _, t := range m.Tasks {
		for _, s := range t.Splits {
			if head != "" {
				fmt.Fprintln(w, head)
				head = ""
			}
			offset := printable(s.Offset)
			if s.Done {
				offset = strings.TrimPrefix(offset+", at its end", ", ")
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Step, printable([]byte(s.ID)), offset,
				timestamp(operator.Timestamp(s.Watermark)))
		}
	}
}

// maxPrinted bounds how much of a source's own bytes is shown.
const maxPrinted = 64

// printable writes bytes as text if they are text, and in hexadecimal if not.
func printable(b []byte) string {
	cut := ""
	if len(b) > maxPrinted {
		b, cut = b[:maxPrinted], "…"
	}
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	if utf8.Valid(b) && !strings.ContainsFunc(string(b), hidden) {
		return string(b) + cut
	}
	return fmt.Sprintf("0x%x%s", b, cut)
}

// oneLine writes a schema in one cell of a table.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
