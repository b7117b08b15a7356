package mix

import "github.com/flyball-stream/flyball/examples/nexmark/event"

// What is drawn is often on a bound that some query has.
var (
	lengths  = []event.Time{0, 1, 500, 2 * second, 10 * second, 60 * second, 600 * second}
	states   = []string{"OR", "ID", "CA", "WA", ""}
	channels = []string{
		"Apple", "apple", "GOOGLE", "Facebook", "Baidu", "channel-7", "channel-8", "",
	}
	prices = []int64{
		0, 1, 100, 100, 200, 9_999, 10_000, 500_000, 999_999, 1_000_000, 1_101_321, 1_101_322,
		55_066_079, 55_066_080, 90_000_000,
	}
	urls = []string{
		"https://www.nexmark.com/ab/cd/ef/item.htm?query=1",
		"https://www.nexmark.com/ab/cd/ef/item.htm?query=1&channel_id=77",
		"https://www.nexmark.com/ab/cd?channel_id=77&x=1&channel_id=&channel_id=5",
		"https://www.nexmark.com//cd/", "channel_id=7&y", "xchannel_id=7", "a/b/c/<d>", "////", "",
	}
	texts = []string{
		"", "x", "cc", "Ann Lee", `"a\\b"`, "tab\tand\nline", "<c>&amp;", "é·漢字", "\u2028c",
	}
)
