package snapshot

import "encoding/binary"

// The keys of a volume. The length is part of a segment's key because Badger knows the length of
// a value in the value log only roughly.
//
//	's' generation checkpoint sequence length   a segment
//	'm' checkpoint                              a manifest
//	'c'                                         the catalogue, as of the last change in this volume
const (
	segmentTag   = 's'
	manifestTag  = 'm'
	catalogueTag = 'c'
)

// segmentKey is the identity of a segment.
type segmentKey struct {
	generation, checkpoint, sequence uint64
	bytes                            uint32
}

func (r Ref) key() segmentKey {
	return segmentKey{r.Generation, r.Checkpoint, r.Sequence, r.Bytes}
}

func (k segmentKey) encode() []byte {
	b := append(make([]byte, 0, 29), segmentTag)
	b = binary.BigEndian.AppendUint64(b, k.generation)
	b = binary.BigEndian.AppendUint64(b, k.checkpoint)
	b = binary.BigEndian.AppendUint64(b, k.sequence)
	return binary.BigEndian.AppendUint32(b, k.bytes)
}

func parseSegmentKey(b []byte) (segmentKey, bool) {
	if len(b) != 29 || b[0] != segmentTag {
		return segmentKey{}, false
	}
	return segmentKey{
		binary.BigEndian.Uint64(b[1:]), binary.BigEndian.Uint64(b[9:]),
		binary.BigEndian.Uint64(b[17:]), binary.BigEndian.Uint32(b[25:]),
	}, true
}

func manifestKey(id uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{manifestTag}, id)
}

func parseManifestKey(b []byte) (uint64, bool) {
	if len(b) != 9 || b[0] != manifestTag {
		return 0, false
	}
	return binary.BigEndian.Uint64(b[1:]), true
}
