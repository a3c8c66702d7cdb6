// The replica as a library: an Internet Computer in this process, with time one can turn.

import { createAnswerWait } from './http/answer-wait.ts';
import type { Core } from './http/core.ts';
import { createFetch } from './http/fetch.ts';
import { createHandler } from './http/handler.ts';
import { type RunningServer, type ServerOptions, startServer } from './http/server.ts';
import { type Calls, createCalls } from './runtime/calls.ts';
import { parseReplicaOptions, parseServerOptions } from './runtime/check-options.ts';
import { checkFetch } from './runtime/checked-fetch.ts';
import { createCore } from './runtime/core.ts';
import { createDriver, type Driver } from './runtime/driver.ts';
import { assertSameGenesis, createGenesis, type GenesisOptions } from './runtime/genesis.ts';
import type { Network } from './runtime/network.ts';
import { openNetwork } from './runtime/recovery.ts';
import { ReplicaError } from './runtime/replica-error.ts';
import { hashState } from './runtime/state-hash.ts';
import { openStoreFolder, type StoreFolder, withStoreWords } from './runtime/store-folder.ts';
import { createRealTime, createVirtualTime, machineNowNs, type Time, type VirtualTime } from './runtime/time.ts';
import { createTimeControl, type TimeControl } from './runtime/time-control.ts';
import { untilClosed } from './runtime/until-closed.ts';
import { replicaVersion } from './version.ts';

export interface ReplicaOptions extends GenesisOptions {
  /** Folder where everything is kept; made when it is not there. Without it (or with `memory`) nothing is kept. */
  readonly store?: string;
  readonly memory?: boolean;
  /** Time stands still until it is moved; true starts at the machine's time (or where the store stopped). */
  readonly virtualTime?: boolean | { readonly startNs: bigint };
  /** Bytes of memory that live canisters may hold before the longest unused ones are put to sleep (default 128 MiB). */
  readonly hotMemoryBytesMax?: number;
  /** Bytes of memory of all canisters together beyond which what is stored and not in use leaves RAM (default 64 MiB). */
  readonly pageMemoryBytesMax?: number;
  /** Instructions executed between two checkpoints: about what is executed again after a crash. */
  readonly checkpointInstructions?: bigint;
  /**
   * False removes the recorded inputs that no checkpoint needs any more: the folder grows with the state alone, and replayStore cannot
   * begin at its first round (default true).
   */
  readonly retainInputs?: boolean;
  /** Called while rounds are executed again after a crash. */
  readonly onProgress?: (round: number, lastRound: number) => void;
  /** One line for the operator: bugs of ours that a request met. */
  readonly log?: (line: string) => void;
  /** Called once, when it can take nothing more until the store is opened anew: the disk is full, say. What is left is to close it. */
  readonly onFailure?: (error: Error) => void;
}

export interface Replica extends Calls {
  /** DER, as clients want it. */
  readonly rootKey: Uint8Array;
  /** Give it to an agent of the same process: no socket is needed. */
  readonly fetch: typeof fetch;
  readonly time: TimeControl;
  /** Serves the HTTP interface on loopback. */
  listen(options?: ServerOptions): Promise<{ url: string; port: number }>;
  /** Hash of the whole state; equal runs have equal hashes, round for round. */
  stateHash(): string;
  round(): number;
  /** Resolves when everything executed so far is on disk. */
  durable(): Promise<void>;
  /** Rounds that were executed again when the store was opened. */
  readonly replayedRounds: number;
  /** Writes a checkpoint, stops serving, gives the store back. */
  close(): Promise<void>;
}

/** Live memory of idle canisters: some thirty Azle canisters, or one big one. */
const hotMemoryBytesDefault = 128 * 2 ** 20;
/** Next to the live memory above; what is not there is read from the store, some milliseconds a canister. */
const pageMemoryBytesDefault = 64 * 2 ** 20;
/** About half a second of work to be repeated after a crash. */
const checkpointInstructionsDefault = 4_000_000_000n;

export async function createReplica(options: ReplicaOptions = {}): Promise<Replica> {
  const checked = parseReplicaOptions(options);
  const { retainInputs = true } = checked;
  const folder = await openStoreFolder(checked.memory === true ? null : (checked.store ?? null), { retainInputs });
  const { replica } = await openReplicaIn(folder, checked);
  return replica;
}

/** The replica and what is behind its face, for tests that look inside. */
export interface OpenReplica {
  readonly replica: Replica;
  readonly network: Network;
  readonly core: Core;
  readonly driver: Driver;
}

/** On whatever store the folder is: tests bring one on a simulated disk. */
export async function openReplicaIn(folder: StoreFolder, options: ReplicaOptions): Promise<OpenReplica> {
  try {
    return await open(folder, options);
  } catch (error) {
    await folder.close();
    throw withStoreWords(error);
  }
}

async function open(folder: StoreFolder, options: ReplicaOptions): Promise<OpenReplica> {
  const { network, checkpointer, replayed } = await openNetwork(folder, {
    hotBytesMax: options.hotMemoryBytesMax ?? hotMemoryBytesDefault,
    pageBytesMax: options.pageMemoryBytesMax ?? pageMemoryBytesDefault,
    createGenesis: () => createGenesis(options, startTimeNs(options)),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  assertSameGenesis(network.genesis, options);
  const time = createTime(options, network.state.timeNs);
  const checkpointInstructions = options.checkpointInstructions ?? checkpointInstructionsDefault;
  const { onFailure = () => {} } = options;
  const { store } = folder;
  const driver = createDriver({ network, store, checkpointer, time, checkpointInstructions, replayed, onFailure });
  const timeControl = createTimeControl(time, driver);
  const core = createCore(network, driver, time, timeControl);
  const log = options.log ?? ((line: string) => console.error(line));
  const wait = createAnswerWait();
  const handler = createHandler(core, { replicaVersion, waitForAnswer: wait.waitForAnswer, log });
  let server: Promise<RunningServer> | null = null;
  const close = async () => {
    timeControl.stopProgress();
    // Clients that wait for an answer are told to ask again; else closing would wait with them.
    wait.release();
    await (await server?.catch(() => null))?.close();
    await closeAll(driver, folder.close);
  };
  const replica = untilClosed({
    ...createCalls(core, network.state),
    rootKey: network.genesis.rootKey,
    fetch: checkFetch(createFetch(handler)),
    time: timeControl,
    replayedRounds: replayed.rounds,
    listen: async (serverOptions) => {
      const checked = parseServerOptions(serverOptions);
      if (server !== null) throw alreadyListening();
      server = listen(handler, checked);
      const { url, port } = await server.catch((error: unknown) => {
        server = null;
        throw error;
      });
      folder.announce(url);
      return { url, port };
    },
    stateHash: () => hashInStoreWords(network),
    round: () => network.state.round,
    durable: () => driver.durable(),
    close,
  });
  return { replica, network, core, driver };
}

async function listen(handler: Parameters<typeof startServer>[0], options: ServerOptions): Promise<RunningServer> {
  const started = await startServer(handler, options);
  if (started.ok) return started.value;
  const { problem, nextStep } = started.error;
  throw new ReplicaError('busy', 'cannotListen', `The replica could not be served: ${problem}.`, nextStep);
}

function alreadyListening(): ReplicaError {
  const nextStep = 'Use the address that listen() gave the first time.';
  return new ReplicaError('input', 'alreadyListening', 'The replica listens already.', nextStep);
}

async function closeAll(driver: Driver, closeFolder: () => Promise<void>): Promise<void> {
  try {
    await driver.stop();
  } finally {
    await closeFolder();
  }
}

function startTimeNs(options: ReplicaOptions): bigint {
  return typeof options.virtualTime === 'object' ? options.virtualTime.startNs : machineNowNs();
}

function createTime(options: ReplicaOptions, stateNs: bigint): Time | VirtualTime {
  if (options.virtualTime === undefined || options.virtualTime === false) return createRealTime(stateNs);
  return createVirtualTime(stateNs);
}

/** Hashing reads all memory, and finds what is damaged. */
function hashInStoreWords({ state }: Network): string {
  try {
    return hashState(state);
  } catch (error) {
    throw withStoreWords(error);
  }
}
