package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden draws all there is: rates, a goal, a lag that is not always known,
// checkpoints and a restart.
func TestGolden(t *testing.T) {
	p := New("flow orders, policy governor")
	p.Goal = 80 * time.Millisecond
	for i := range 30 {
		point := Point{
			At: time.Duration(i+1) * 100 * time.Millisecond, Over: 100 * time.Millisecond,
			Read: 40_000 + 1000*float64(i%7), Written: 9000 + 500*float64(i%3),
			Inside: time.Duration(20+3*(i%9)) * time.Millisecond, Lag: -1,
			Used: float64(10 + i%5), Granted: 64,
		}
		if i < 10 || i > 15 {
			point.Lag = time.Duration(30+i) * time.Millisecond
		}
		p.Add(point)
	}
	p.Checkpoint(900*time.Millisecond, 1200*time.Millisecond)
	p.Checkpoint(1900*time.Millisecond, 2100*time.Millisecond)
	p.Mark(1600*time.Millisecond, `restart 1: step "pay": broken pipe`)
	golden(t, "orders.svg", draw(t, p))
}

// TestGoalFarAbove has a goal that would press everything else to the ground.
func TestGoalFarAbove(t *testing.T) {
	p := New("flow orders")
	p.Goal = time.Minute
	p.Add(Point{At: time.Second, Over: time.Second, Inside: time.Millisecond, Lag: -1})
	got := draw(t, p)
	if !strings.Contains(got, "- - goal 1m, above<") || strings.Contains(got, ">1m<") {
		t.Errorf("got %s", got)
	}
}

// TestLonePoint draws a run so short that there is one point: a line of no
// length, of which round ends make a dot.
func TestLonePoint(t *testing.T) {
	p := New("flow orders")
	p.Add(Point{At: time.Second, Over: time.Second, Read: 100, Lag: -1})
	if got := draw(t, p); !strings.Contains(got, `d="M936.0 64.0h0"`) {
		t.Errorf("no dot in %s", got)
	}
}

func TestWellFormed(t *testing.T) {
	hostile := "</title><script>&\"'\x00\x1b\xff\ufffe]]><!-- %s é"
	full := New(hostile)
	full.Goal = time.Second
	full.Checkpoint(-time.Second, -time.Second)
	full.Checkpoint(time.Second, time.Hour)
	full.Mark(-time.Second, hostile)
	full.Mark(2*time.Hour, hostile)
	full.Add(Point{Lag: -1})
	full.Add(Point{At: time.Nanosecond, Read: 1e300, Written: 1e-300, Inside: 1 << 62, Lag: 1 << 62})
	for name, p := range map[string]*Picture{"empty": New(""), "full": full} {
		got := draw(t, p)
		elements, texts := parse(t, got)
		if elements["svg"] != 1 || elements["script"] != 0 {
			t.Errorf("%s: got elements %v", name, elements)
		}
		if strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
			t.Errorf("%s: not a number in %s", name, got)
		}
		want := strings.NewReplacer("\x00", "\ufffd", "\x1b", "\ufffd", "\xff", "\ufffd", "\ufffe", "\ufffd").
			Replace(p.Title)
		if !strings.Contains(texts, want) {
			t.Errorf("%s: got texts %q, want %q among them", name, texts, want)
		}
	}
	elements, _ := parse(t, draw(t, full))
	if elements["title"] != 2*3 {
		t.Errorf("got %d names of events, want 2 in each of 3 panels", elements["title"])
	}
}

// TestWriteFails wants the error of the writer.
func TestWriteFails(t *testing.T) {
	full := errors.New("disk full")
	r, w := io.Pipe()
	r.CloseWithError(full)
	if err := New("x").Write(w); !errors.Is(err, full) || !strings.HasPrefix(err.Error(), "write the picture: ") {
		t.Errorf("got %v", err)
	}
}

func draw(t *testing.T, p *Picture) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parse counts the elements of a document and gathers its text.
func parse(t *testing.T, doc string) (elements map[string]int, texts string) {
	t.Helper()
	elements = map[string]int{}
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return elements, texts
		}
		if err != nil {
			t.Fatalf("%v in %q", err, doc)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements[token.Name.Local]++
		case xml.CharData:
			texts += string(token)
		}
	}
}

// golden compares got with a file, or writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got:\n%s\nwant:\n%s", name, got, want)
	}
}
