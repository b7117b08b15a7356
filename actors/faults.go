package actors

// The points at which [Config.Faults] is called, in the order in which a run
// passes them.
const (
	faultBegin     = "begin"     // before the run takes its generation
	faultBegun     = "begun"     // after that
	faultRecommit  = "recommit"  // before a restored token is committed again
	faultRecover   = "recover"   // before a sink recovers
	faultRecovered = "recovered" // after that
	faultInject    = "inject"    // before barriers are sent into the sources
	faultCapture   = "capture"   // before a task freezes its state
	faultCaptured  = "captured"  // after that
	faultPut       = "put"       // before a block goes to the store
	faultPersist   = "persist"   // before a sink makes a transaction durable
	faultPersisted = "persisted" // after that
	faultFlush     = "flush"     // before the store is asked for durability
	faultFlushed   = "flushed"   // after that
	faultPublish   = "publish"   // before the manifest is stored
	faultPublished = "published" // after that
	faultCommit    = "commit"    // before a sink makes a transaction visible
	faultCommitted = "committed" // after that
	faultCollect   = "collect"   // before old checkpoints are removed
	faultCollected = "collected" // after that
)

// FaultPoints are the points at which [Config.Faults] is called, in the order
// in which a run passes them.
func FaultPoints() []string {
	return []string{
		faultBegin, faultBegun, faultRecommit, faultRecover, faultRecovered, faultInject,
		faultCapture, faultCaptured, faultPut, faultPersist, faultPersisted, faultFlush,
		faultFlushed, faultPublish, faultPublished, faultCommit, faultCommitted, faultCollect,
		faultCollected,
	}
}

// fault tells a test that the run is at a point.
func (c *Config) fault(point string) {
	if c.Faults != nil {
		c.Faults(point)
	}
}
