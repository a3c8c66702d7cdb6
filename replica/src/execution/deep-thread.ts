// Shell (a thread, a timer): a thread whose stack is so large that the count in the rewritten code ends every recursion
// before the stack does. Node cannot enlarge the stack of the thread that a program runs in, so the few executions that
// need more than that one has run here, while the program's thread waits for them and answers their calls.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { deepWorkerSource } from './deep-worker.ts';

/**
 * Frames are counted up to 16 MiB. This is 32 times as much; the largest frame measured, that of QuickJS's interpreter,
 * takes about 1.6 times what is counted for it alone. What is not touched costs no memory.
 */
const stackMegabytes = 512;

/** Memory of a deep recursion is held until the thread ends, and who recursed once often does it again. */
const idleMs = 10_000;

/**
 * Every execution gets a memory of its own there, which is only freed some time after; together they may take this much before
 * the thread is ended and the next execution begins another. A memory without pages still takes about a megabyte.
 */
const heldBytesMax = 256 * 1_048_576;
const heldBytesEach = 1_048_576;

/** The longest execution takes minutes; without an end to waiting, a thread that died would hold the program for ever. */
const silenceMsMax = 30 * 60_000;

export interface DeepJob {
  /** Which module; its bytes are sent unless it is that of the last job. */
  readonly key: string;
  readonly bytes: () => Uint8Array<ArrayBuffer>;
  readonly name: string;
  readonly args: readonly (number | bigint)[];
  readonly memoryName: string;
  readonly memoryBytes: number;
  readonly hasWideMemory: boolean;
  readonly fuelName: string;
  /** By export name, the fuel among them. */
  readonly globals: readonly (readonly [name: string, value: number | bigint])[];
}

export interface DeepCall {
  readonly kind: 'call';
  /** Module and name of the import. */
  readonly from: string;
  readonly name: string;
  readonly args: readonly (number | bigint)[];
  /** The fuel global, which the answer sets. */
  readonly fuel: bigint;
}

export interface DeepAnswer {
  readonly fuel: bigint;
  readonly isAborted: boolean;
  readonly value?: unknown;
}

export interface DeepEnd {
  readonly kind: 'end';
  readonly end:
    | { readonly kind: 'returned' }
    /** A call of an import was answered so. */
    | { readonly kind: 'aborted' }
    | { readonly kind: 'trapped'; readonly text: string }
    | { readonly kind: 'noStack' };
  readonly globals: readonly (readonly [name: string, value: number | bigint])[];
  readonly memoryBytes: number;
}

type FromThread =
  | { readonly kind: 'ready'; readonly memory: WebAssembly.Memory | null }
  | DeepCall
  | DeepEnd
  | { readonly kind: 'broken'; readonly text: string; readonly isMemory: boolean };

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** Messages to the thread, messages from it. */
  readonly counters: Int32Array;
  received: number;
  /** Of the module that the thread holds. */
  key: string | null;
  /** Memories of executions, which it may still hold. */
  heldBytes: number;
  idle: NodeJS.Timeout | null;
}

/** The machine has no memory for the thread, or for what an execution needs in it. Says nothing about the execution. */
export class DeepStackMissing extends Error {
  override readonly name = 'DeepStackMissing';
}

/** One for the whole process: executions never overlap. */
let current: Thread | null = null;

/** Runs it to its end. `fill` is given the memory before it starts, `answer` every call of an import. */
export function runDeep(
  job: DeepJob,
  fill: (memory: WebAssembly.Memory | null) => void,
  answer: (call: DeepCall) => DeepAnswer,
): DeepEnd {
  current ??= startThread();
  const thread = current;
  if (thread.idle !== null) clearTimeout(thread.idle);
  try {
    send(thread, { ...job, bytes: thread.key === job.key ? null : job.bytes() });
    thread.key = job.key;
    const end = converse(thread, fill, answer);
    thread.heldBytes += end.memoryBytes + heldBytesEach;
    if (thread.heldBytes > heldBytesMax) {
      endThread(thread);
      collectGarbage();
    }
    return end;
  } catch (error) {
    endThread(thread);
    // Of our own buffers, before the thread has begun or when it has ended.
    throw error instanceof RangeError ? new DeepStackMissing(error.message) : error;
  } finally {
    if (current === thread) thread.idle = setTimeout(() => endThread(thread), idleMs).unref();
  }
}

function converse(
  thread: Thread,
  fill: (memory: WebAssembly.Memory | null) => void,
  answer: (call: DeepCall) => DeepAnswer,
): DeepEnd {
  for (;;) {
    const message = receive(thread);
    if (message.kind === 'end') return message;
    if (message.kind === 'broken') throw brokenThread(message);
    if (message.kind === 'call') send(thread, answer(message));
    else {
      fill(message.memory);
      send(thread, { kind: 'go' });
    }
  }
}

function brokenThread({ text, isMemory }: { text: string; isMemory: boolean }): Error {
  return isMemory ? new DeepStackMissing(text) : new Error(`the thread with the deep stack: ${text}`);
}

function startThread(): Thread {
  const { port1, port2 } = new MessageChannel();
  const counters = new Int32Array(new SharedArrayBuffer(8));
  const worker = startWorker(port2, counters);
  worker.unref();
  port1.unref();
  return { worker, port: port1, counters, received: 0, key: null, heldBytes: 0, idle: null };
}

/** Its options are right, so that nothing but the machine can refuse it: memory for the stack, or one more thread. */
function startWorker(port: MessagePort, counters: Int32Array): Worker {
  try {
    return createWorker(port, counters);
  } catch (error) {
    port.close();
    throw new DeepStackMissing(String(error));
  }
}

function createWorker(port: MessagePort, counters: Int32Array): Worker {
  return new Worker(deepWorkerSource, {
    eval: true,
    name: 'deep stack',
    workerData: { port, counters },
    transferList: [port],
    resourceLimits: { stackSizeMb: stackMegabytes },
    // Loaders and options that the program was started with mean nothing there.
    execArgv: [],
    env: {},
  });
}

function endThread(thread: Thread): void {
  if (current === thread) current = null;
  thread.port.close();
  void thread.worker.terminate();
}

/** V8 does not count shared memories as garbage worth collecting, so that gigabytes of them would wait for a collection. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

function send(thread: Thread, message: unknown): void {
  thread.port.postMessage(message);
  Atomics.add(thread.counters, 0, 1);
  Atomics.notify(thread.counters, 0);
}

function receive(thread: Thread): FromThread {
  const { counters, received } = thread;
  // Woken up for a message that was seen before it slept, it sleeps again.
  while (Atomics.load(counters, 1) === received) {
    const silence = Atomics.wait(counters, 1, received, silenceMsMax);
    if (silence === 'timed-out') throw new Error('the thread with the deep stack does not answer');
  }
  thread.received++;
  return parseMessage(receiveMessageOnPort(thread.port));
}

/** What our own text in the other thread sends. */
function parseMessage(received: { message: FromThread } | undefined): FromThread {
  if (received === undefined) throw new Error('the thread with the deep stack sent nothing');
  return received.message;
}
