// Package examples holds the code of the repository's README, so that it
// compiles and does what the text says. The programs are in the directories
// beside this file.
//
//	go test ./examples
//	go run ./examples/flights
package examples_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/window"
)

type Paths struct{ Orders, Payments, Out string }

type Order struct {
	ID    string
	Cents int64
	At    time.Time
}

type Payment struct {
	OrderID string
	At      time.Time
}

type Receipt struct {
	Order string
	Cents int64
	Wait  string // from order to payment
}

func orderID(o Order) string      { return o.ID }
func orderedAt(o Order) time.Time { return o.At }
func paidFor(p Payment) string    { return p.OrderID }
func paidAt(p Payment) time.Time  { return p.At }
func receipt(id string, o Order, p Payment) Receipt {
	return Receipt{id, o.Cents, p.At.Sub(o.At).String()}
}

// Receipts pairs payments with orders that came within ten minutes of them.
var Receipts = dataflow.Define("receipts", dataflow.ExactlyOnce,
	func(g *dataflow.Graph, p Paths) {
		orders := file.ReadJSON(g, "orders", p.Orders, dataflow.EventTime(orderedAt, time.Minute))
		payments := file.ReadJSON(g, "payments", p.Payments, dataflow.EventTime(paidAt, time.Minute))
		file.WriteJSON(pair(orders, payments), "receipts", p.Out)
	})

func pair(
	orders dataflow.Stream[Order], payments dataflow.Stream[Payment],
) dataflow.Stream[Receipt] {
	near := window.Session(10 * time.Minute)
	ordered := dataflow.Window(dataflow.KeyBy(orders, "by-id", orderID), near)
	paid := dataflow.Window(dataflow.KeyBy(payments, "by-order", paidFor), near)
	return dataflow.Join(ordered, "pair", paid, receipt)
}

func TestPair(t *testing.T) {
	script := dataflowtest.NewScript2[Order, Payment]().
		Left(0, Order{ID: "a", Cents: 250}, Order{ID: "b"}).
		Right(5*time.Minute, Payment{OrderID: "a"}).
		Watermark(time.Hour).
		Right(time.Hour, Payment{OrderID: "b"}) // too long after its order
	dataflowtest.Operator2(t, script,
		func(orders dataflow.Stream[Order], payments dataflow.Stream[Payment]) {
			dataflowtest.Expect(pair(orders, payments), "receipts", Receipt{"a", 250, "0s"})
		})
}

// The program's main function is cluster.Main(Receipts).
func Example() {
	dir, err := os.MkdirTemp("", "receipts-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	in := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			fmt.Println(err)
		}
		return path
	}
	cluster.Run(context.Background(), cluster.Options{
		Flows: []*dataflow.Flow{Receipts}, Stderr: io.Discard, After: cluster.After(show),
		Args: []string{"receipts", "-out", filepath.Join(dir, "receipts"),
			"-orders", in("orders.jsonl", `{"ID":"a","Cents":250,"At":"2008-01-02T12:00:00Z"}
{"ID":"b","Cents":995,"At":"2008-01-02T12:01:00Z"}
`),
			"-payments", in("payments.jsonl", `{"OrderID":"b","At":"2008-01-02T12:03:30Z"}
{"OrderID":"a","At":"2008-01-02T12:30:00Z"}
`)},
	})
	// Output:
	// {"Order":"b","Cents":995,"Wait":"2m30s"}
}

// show prints what the flow has written.
func show(p Paths, w io.Writer) error {
	names, err := filepath.Glob(p.Out + "-*.jsonl")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// TestReadme finds each of the README's blocks of Go in this file.
func TestReadme(t *testing.T) {
	here, err := os.ReadFile("doc_test.go")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	blocks := goBlocks(f)
	if len(blocks) < 2 {
		t.Fatalf("the README has %d blocks of Go, want 2 or more", len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains(string(here), block) {
			t.Errorf("not in doc_test.go, so nobody knows whether it compiles:\n%s", block)
		}
	}
}

func goBlocks(r io.Reader) (blocks []string) {
	inside := false
	for in := bufio.NewScanner(r); in.Scan(); {
		switch line := in.Text(); {
		case line == "```go":
			inside = true
			blocks = append(blocks, "")
		case line == "```":
			inside = false
		case inside:
			blocks[len(blocks)-1] += line + "\n"
		}
	}
	return blocks
}
