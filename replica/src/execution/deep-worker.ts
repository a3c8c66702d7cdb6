// What the thread with the deep stack runs, as text: a thread started from a file would need a file of its own in every
// bundle and a loader for TypeScript. It instantiates what it is told to, lets the host fill the memory, and calls.
// Each side sends a message and then raises the other's counter, on which the other sleeps.

export const deepWorkerSource = `'use strict';
const { workerData, receiveMessageOnPort } = require('node:worker_threads');
const { port, counters } = workerData;
let received = 0;
function send(message) {
  port.postMessage(message);
  Atomics.add(counters, 1, 1);
  Atomics.notify(counters, 1);
}
function receive() {
  // Woken up for a message that was seen before it slept, it sleeps again.
  while (Atomics.load(counters, 0) === received) Atomics.wait(counters, 0, received);
  received++;
  return receiveMessageOnPort(port).message;
}
const aborted = new Error('the host ended the execution');
let kept = { key: null, module: null };
function moduleOf({ key, bytes }) {
  if (kept.key !== key) kept = { key, module: new WebAssembly.Module(bytes) };
  return kept.module;
}
function instantiate(job) {
  const module = moduleOf(job);
  const found = {};
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = (...args) => {
      send({ kind: 'call', from, name, args, fuel: found.fuel.value });
      const answer = receive();
      found.fuel.value = answer.fuel;
      if (answer.isAborted) throw aborted;
      return answer.value;
    };
  }
  const { exports } = new WebAssembly.Instance(module, imports);
  found.fuel = exports[job.fuelName];
  return exports;
}
function call(exports, { name, args }) {
  try {
    exports[name](...args);
    return { kind: 'returned' };
  } catch (error) {
    if (error === aborted) return { kind: 'aborted' };
    if (error instanceof WebAssembly.RuntimeError) return { kind: 'trapped', text: error.message };
    if (error instanceof RangeError) return { kind: 'noStack' };
    throw error;
  }
}
function start(job) {
  const exports = instantiate(job);
  const memory = exports[job.memoryName] ?? null;
  if (memory !== null) {
    const missing = (job.memoryBytes - memory.buffer.byteLength) / 65536;
    if (missing > 0) memory.grow(job.hasWideMemory ? BigInt(missing) : missing);
  }
  for (const [name, value] of job.globals) exports[name].value = value;
  send({ kind: 'ready', memory });
  receive();
  const end = call(exports, job);
  const globals = job.globals.map(([name]) => [name, exports[name].value]);
  send({ kind: 'end', end, globals, memoryBytes: memory === null ? 0 : memory.buffer.byteLength });
}
for (;;) {
  const job = receive();
  try {
    start(job);
  } catch (error) {
    // A memory or its growth that the machine does not have.
    send({ kind: 'broken', text: String(error), isMemory: error instanceof RangeError });
  }
}
`;
