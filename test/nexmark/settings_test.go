package nexmark

import (
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/query"
	"github.com/flyball-stream/flyball/test/nexmark/model"
)

// options are the numbers of the benchmark or, to see that they are used and
// have what is near a bound happen more often, others.
func options(other bool) model.Options {
	o := model.Defaults()
	if !other {
		return o
	}
	o.Window, o.Slide, o.Gap = 6*time.Second, 500*time.Millisecond, 2*time.Second
	o.Modulus, o.Category, o.States = 3, 11, []string{"WA", ""}
	o.Sales, o.Top, o.SideKeys = 1, 3, 700
	for key := range o.Side {
		if key >= o.SideKeys {
			delete(o.Side, key)
		}
	}
	return o
}

// settings are the same for the query.
func settings(other bool) query.Settings {
	o := options(other)
	return query.Settings{
		Window: o.Window, Slide: o.Slide, Gap: o.Gap, Modulus: o.Modulus, Category: o.Category,
		States: o.States, Sales: o.Sales, Top: o.Top, SideKeys: o.SideKeys,
	}
}
