// Every limit of the HTTP interface, with its reason. The server's own limits (connections, times) can be set per
// server.

/** Published limit of an ingress payload. Larger modules go through upload_chunk and install_chunked_code. */
export const callArgumentByteCountMax = 2 * 1024 * 1024;

/**
 * An ingress argument of 2 MiB, and as much again for the rest: the largest delegation chain (20 delegations of 1000
 * targets) takes 0.6 MiB, the largest sensible read_state (1000 paths of 5 labels) 0.1 MiB. Queries have no published
 * limit of their own.
 */
export const bodyByteCountMax = 4 * 1024 * 1024;

/**
 * Items in one CBOR body. 1000 paths of 127 labels and 20 delegations of 1000 targets are 148,000; without this limit 4
 * MiB of empty maps would cost 0.8 GB and seconds of the event loop.
 */
export const bodyItemCountMax = 150_000;

/** SPEC/https-interface, Authentication. */
export const nonceByteCountMax = 32;

/** SPEC/https-interface, Request: Read state. */
export const pathCountMax = 1000;
export const pathLabelCountMax = 127;

/**
 * Five minutes (SPEC/https-interface, ingress_expiry), and the drift between clocks that the main network tolerates on
 * top.
 */
export const expiryAheadNsMax = 300_000_000_000n;
export const clockDriftNsMax = 30_000_000_000n;

/** How long a synchronous call waits for its certificate before it answers 202; what the main network uses. */
export const answerTimeoutMs = 10_000;

export interface ServerLimits {
  /** Open sockets; one more is closed at once. Every agent needs a handful, and a socket costs some 10 KB. */
  readonly connectionCountMax: number;
  /** Bodies being received or worked on and answers not yet taken, all sockets together; beyond it 503. */
  readonly bufferedByteCountMax: number;
  /**
   * Time for the whole header: a client on loopback needs milliseconds. Also ends connections that never say anything.
   */
  readonly headersTimeoutMs: number;
  /** Time for header and body: 4 MiB at a slow 140 KB/s. */
  readonly requestTimeoutMs: number;
  /** A socket on which nothing moves, in either direction. Longer than a synchronous call waits. */
  readonly idleTimeoutMs: number;
  /** How long a socket is kept for the next request. */
  readonly keepAliveTimeoutMs: number;
  /** How long requests may go on after close() was called. */
  readonly closeGraceMs: number;
}

export const defaultServerLimits: ServerLimits = {
  connectionCountMax: 1024,
  bufferedByteCountMax: 256 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 30_000,
  closeGraceMs: 3_000,
};
