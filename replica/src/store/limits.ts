// The store's numbers, each with its reason. Tests pass smaller ones to visit the edges.

export interface StoreLimits {
  /** A segment is closed when it is this big: small enough to scan in a tenth of a second, big enough to be few. */
  readonly segmentBytes: number;
  /** One flush takes at most this much (one longer record goes alone): a reader holds one flush in memory. */
  readonly flushBytes: number;
  /** Positions of rounds are remembered this far apart: the most that opening reads for nothing. */
  readonly markBytes: number;
  /** A state file is not compacted below this: rewriting it would cost more than the space is worth. */
  readonly compactAboveBytes: number;
  /** A full index after this many deltas: bounds the reads of opening. */
  readonly indexDeltas: number;
  /** Values are gathered into writes of this size. */
  readonly writeBytes: number;
}

export const defaultLimits: StoreLimits = {
  segmentBytes: 64 * 2 ** 20,
  flushBytes: 4 * 2 ** 20,
  markBytes: 2 ** 20,
  compactAboveBytes: 16 * 2 ** 20,
  indexDeltas: 64,
  writeBytes: 2 ** 20,
};

/** The length of a record is 32 bits in the file and a frame around it must be too; real rounds are far smaller. */
export const recordBytesMax = 2 ** 30;
/** The same for a value; the contract says 100 B to 1 MB. */
export const valueBytesMax = 2 ** 30;
/** The length of a key is 16 bits in the index. */
export const keyBytesMax = 2 ** 16 - 1;
