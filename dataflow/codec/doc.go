// Package codec turns keys, values and records into bytes and back, and tells whether bytes written
// by an older build still fit today's types.
//
// The nouns:
//   - Codec: bytes from a T and a T from bytes, compiled once per type by reflection.
//   - Schema: the layout a Codec writes, as a text that is stored beside the bytes.
//   - Reader: a Decoder for bytes that were written with an older Schema.
//   - HashFor: the hash of a key. A key's group follows from it, so it never changes.
//   - SizeOf: what a value occupies in memory, to charge it against byte credits.
//   - WarmerFor: what brings a value into the caches before it is encoded.
//
// A value is written, and read back later by a type that has gained a field:
//
//	c, err := codec.For[Order]()           // error: the field path and what to do about it
//	b, err := c.Append(nil, &order)        // bytes
//	text := c.Schema().String()            // v1 struct main.Order{ID string; Cents int64}
//
//	stored, err := codec.ParseSchema(text) // in the next version of the program
//	r, err := codec.Reader[Order](stored)  // error: which field no longer fits, and why
//	rest, err := r.Decode(b, &order)
//
// # What is encoded
//
// Booleans, integers, floats, complex numbers, strings, time.Time, arrays, slices, maps, pointers
// and structs of these, recursive types included. All fields of a struct are written, exported or
// not, since state that is silently dropped is worse than a few bytes more. A field tagged
// `flyball:"-"` is left out; one tagged `flyball:"name"` is recorded under that name, which lets
// the Go field be renamed. Interfaces, functions, channels, uintptr and unsafe.Pointer are refused.
//
// A type whose pointer implements both encoding.BinaryMarshaler and encoding.BinaryUnmarshaler is
// written by its own methods (AppendBinary is preferred where present). That is also how a program
// brings its own encoding: there is no registry. A struct that merely inherits the methods from an
// embedded field beside other fields is written field by field, because the inherited methods would
// lose the others.
//
// # Format, version 1
//
//	bool, int8, uint8   1 byte
//	int, int16..int64   zigzag varint          uint, uint16..uint64   varint
//	float32, float64    4, 8 bytes, little endian       complex       two floats
//	string, binary      varint length, bytes
//	time                zigzag varint of Unix seconds, varint of nanoseconds
//	slice, map          varint of 1+count (0 is nil), elements; map entries by order of bytes
//	pointer             1 byte presence, the value      array, struct  parts in order
//
// Equal values give equal bytes. Times come back in UTC: Equal to what was written, and without the
// location or the monotonic reading. Shared pointers come back as separate copies.
//
// # Guarantees
//
// Decode is total: any bytes give a value or an error that wraps ErrCorrupt, never a panic, and
// memory proportional to the input (the factor is a property of the type). Decoded values share no
// memory with the input. Values nested over 10,000 pointers, slices or maps deep, such as a long
// linked list or a cycle, are an error of Append. Codecs and hashes hold no mutable state; any
// number of goroutines may use one.
//
// # Not here
//
// Framing, checksums and compression belong to whoever stores or sends the bytes. Bytes carry no
// schema of their own: keep the Schema beside them. Map keys and hashed keys cannot contain
// time.Time (== compares locations, which are not stored), pointers or left-out fields.
package codec
