// Package window cuts keyed streams into windows of event time and computes
// on them.
package window
