// Package file reads flows from files and writes them to files: lines, CSV
// and JSON lines, plain or packed with gzip or zstd.
//
// The nouns:
//
//   - [ReadLines], [ReadCSV], [ReadJSON] and [ReadFunc] are sources. Their options are
//     [Follow], [Splits], [Position] and others here, together with those of
//     package dataflow, such as EventTime.
//   - [TryReadCSV] and [TryReadJSON] give what is not a record as a stream of
//     failures, each with its [Line].
//   - [SideCSV] and [SideJSON] are tables to look records up in.
//   - [WriteLines], [WriteCSV] and [WriteJSON] are sinks, with [Compress];
//     [WriteJSONTo] has a directory for each partition.
//
// Flights of a year, their delays by the hour:
//
//	flights := file.ReadCSV(g, "flights", "data/2001-*.csv.gz",
//		dataflow.EventTime(departed, time.Hour))
//	...
//	file.WriteJSON(delays, "delays", "out/delays")
//
// # Reading
//
// A plain file is cut at line ends into splits of 64 MiB, so that several
// subtasks share it; a packed file is one split. Splits are listed by file
// name; the event times of different splits are kept close together only
// while they are open at the same time, so name files in the order of their
// time.
//
// What is read of a file is what it held when the splits were listed: lines
// that are appended later are not, and do no harm. Since a checkpoint holds
// the size of the file and samples of its first and last 4 KiB, a file that
// was cut, replaced or removed is an error when its reading is resumed. A
// change in the middle of a file is not noticed.
//
// To resume in a packed file it is unpacked from its start again, at some
// hundred MB/s for each gzip file, so that large packed files make restarts
// slow.
//
// Where a record comes from is a part of it with [Position]: the number of its
// file and the offset of its line, for an order of records that does not depend
// on how they were read, or a key that each has for itself.
//
// Lines end in \n or \r\n; a byte order mark is skipped; bytes that are not
// UTF-8 pass. A line above 1 MiB is an error, see [MaxLine].
//
// # Tables
//
// A file whose rows fit into memory is a table for dataflow.Lookup:
//
//	airports := file.SideCSV("data/airports.csv", func(a Airport) string { return a.Code })
//	named := dataflow.Lookup(flights, "name-airport", airports, origin, withName)
//
// It is read by every subtask as it opens, at the start and at every restart,
// and belongs to no checkpoint: what it holds then counts. A file that is
// missing, a line that is not a record and a key that comes twice fail the flow,
// each with its place.
//
// # Following
//
// With [Follow] files are read as they grow and as they appear, and the flow
// never ends. A line is a record only once its end was written. The identity
// of a followed file is its inode and its first record, so it may be renamed:
//
//   - Renamed and made anew, as logrotate does: the old file is read on until
//     it is removed, or has been silent for some seconds, see [Settle].
//   - Copied and emptied, as logrotate's copytruncate does: what had not been
//     read is taken from the copy, if its name begins with the file's. What
//     the writer appended between the copy and the emptying is lost, as it is
//     to everybody else.
//
// A file may be rotated while the flow is down, but only once if the path
// names a single file; a pattern that matches the rotated files too has no
// such limit, but must not match copies, which would be read twice. Packed
// files are left out. Two files are taken for one if they have the same first
// record and the file system gave both the same inode, one after the other.
//
// # Writing
//
// WriteJSON(s, "hourly", "out/hourly") makes files called
//
//	out/hourly-<generation>-<checkpoint>-<subtask>.jsonl
//
// one for each checkpoint that has something to show, so that hourly*.jsonl
// finds them all. Until its checkpoint has committed, a file is hidden, as
// .hourly-….jsonl.pending; then it appears under its name at once and whole.
// A file that appears has been synced to the disk, and so has its name. No
// file is ever written over, and the only files removed are hidden ones with
// this sink's names. Each path must have but one sink, of one flow.
//
// With [WriteJSONTo] a function names the directory of each record:
//
//	file.WriteJSONTo(bids, "bids", "out/bids", func(b Bid) string {
//		return b.Time.UTC().Format("dt=2006-01-02/hm=15-04")
//	})
//
// makes out/bids/dt=2015-07-15/hm=00-00/bids-<generation>-<checkpoint>-<subtask>.jsonl
// and so on. Hidden files are in out/bids itself, so that a directory appears
// together with its first file. The files of a checkpoint appear one after
// another, each whole.
//
// A checkpoint that has been restored commits its files again. If one of them
// has since been removed, that is an error: consumers should leave the latest
// files in place.
//
// # Guarantees
//
// Sources are replayable and sinks transactional, but for "-", which is
// standard input or output. Memory is bounded: 128 KiB for a source's reader,
// more only for longer lines; 64 KiB for a sink's writer and as much for each
// transaction that is being persisted, with partitions so much for each open
// file, see [OpenFiles]; packing takes up to a few MiB more for each of them.
//
// # Not here
//
// Object stores, columnar formats, and files that change other than by
// growing.
package file
