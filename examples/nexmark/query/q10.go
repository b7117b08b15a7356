package query

import (
	"path/filepath"
	"strings"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/file"
)

// Filed is a row of q10: a bid with the day and the minute that it is filed
// under.
type Filed struct {
	Passed
	Day    Day    `json:"dt"`
	Minute Minute `json:"hm"`
}

// Q10 files bids by day and minute.
func Q10(events Events, s Settings) dataflow.Stream[Filed] {
	return dataflow.Map(Q0(events, s), "file", func(b Passed) Filed {
		day, minute := dayOf(b.DateTime)
		return Filed{b, day, minute}
	})
}

// directory is where a row belongs, as in dt=2015-07-15/hm=08-30.
func (f Filed) directory() string {
	minute := strings.Replace(f.Minute.String(), ":", "-", 1) // which not all systems allow in names
	return "dt=" + f.Day.String() + "/hm=" + minute
}

// writeFiled writes to a directory for each minute.
func writeFiled(q Query, events Events, s Settings, to Output) {
	rows := Q10(events, s)
	if to.Dir == "" {
		write(rows, q, to)
		return
	}
	file.WriteJSONTo(rows, "out", filepath.Join(to.Dir, q.Name), Filed.directory)
}
