package codec_test

import (
	"fmt"
	"strings"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

type saleV1 struct {
	ID    string
	Cents int32
}

type saleV2 struct {
	ID       string
	Cents    int64  // widened
	Currency string // added
}

// A program stores a value with its schema; its next version reads it.
func ExampleReader() {
	old, err := codec.For[saleV1]()
	if err != nil {
		fmt.Println(err)
		return
	}
	bytes, err := old.Append(nil, &saleV1{"o-17", 1299})
	if err != nil {
		fmt.Println(err)
		return
	}
	text := old.Schema().String()
	fmt.Println(text)

	stored, err := codec.ParseSchema(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := codec.Reader[saleV2](stored)
	if err != nil {
		fmt.Println(err)
		return
	}
	var sale saleV2
	if _, err := r.Decode(bytes, &sale); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", sale)
	// Output:
	// v1 struct codec_test.saleV1{ID string; Cents int32}
	// {ID:o-17 Cents:1299 Currency:}
}

// What cannot be encoded is refused when the flow is built, with the path of the field.
func ExampleFor_refused() {
	type item struct{ Price any }
	type order struct{ Items []item }
	_, err := codec.For[order]()
	what, remedy, _ := strings.Cut(err.Error(), " encoded: ")
	fmt.Println(what)
	fmt.Println(remedy)
	// Output:
	// codec: order.Items[].Price: interface {} (interface) cannot be
	// use a concrete type, or tag it `flyball:"-"` to leave it out
}
