// What the library is given is checked where it is given: every option and every argument, with every kind of value that
// types would have refused. A mistake is told with kind, code and next step, and changes nothing.
import { createReplica, type Replica, ReplicaError, replayStore } from '@tamc/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** By name; each place says which of them it takes. */
const values: Readonly<Record<string, unknown>> = {
  'a number': 7,
  zero: 0,
  'a negative number': -1,
  'a fraction': 1.5,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  'a huge number': 1e300,
  'a bigint': 7n,
  'a negative bigint': -1n,
  'a huge bigint': 2n ** 100_000n,
  'a string': 'rubbish',
  'an empty string': '',
  'a string with a zero': 'a\0b',
  true: true,
  null: null,
  'an array': [1],
  'an array of nothing': new Array(2),
  'an object': { rubbish: 1 },
  'an object with the name of a method': { toString: 1n },
  'an object with a prototype of its own name': JSON.parse('{"__proto__": 1}'),
  'a map': new Map([['store', 1]]),
  'a promise': Promise.resolve({}),
  'a function': () => {},
  'a symbol': Symbol('rubbish'),
  'shared bytes': new Uint8Array(new SharedArrayBuffer(4)),
  bytes: Uint8Array.of(1),
};

/** Values that a place takes, so that all others are refused. */
const taken = {
  text: ['a string', 'an empty string', 'a string with a zero'],
  path: ['a string'],
  whole: ['a number', 'zero'],
  count: ['a number'],
  bigCount: ['a bigint'],
};

type Place = readonly [name: string, taken: readonly string[], use: (value: unknown) => unknown];

const option = (name: string, takes: readonly string[]): Place => [
  name,
  takes,
  (value) => createReplica({ memory: true, [name]: value }),
];
const nested = (outer: string, name: string, takes: readonly string[]): Place => [
  `${outer}.${name}`,
  takes,
  (value) => createReplica({ memory: true, [outer]: { [name]: value } }),
];
const refuseAll: readonly string[] = [];
const replicaOptions: readonly Place[] = [
  option('store', taken.path),
  ['memory', ['true'], (value) => createReplica({ memory: value as boolean })],
  option('virtualTime', ['true']),
  nested('virtualTime', 'startNs', taken.bigCount),
  option('hotMemoryBytesMax', taken.whole),
  option('pageMemoryBytesMax', taken.whole),
  option('checkpointInstructions', taken.bigCount),
  option('retainInputs', ['true']),
  option('onProgress', ['a function']),
  option('log', ['a function']),
  option('seed', taken.text),
  option('subnetType', refuseAll),
  option('nodeCount', taken.count),
  option('costSchedule', refuseAll),
  option('subnetAdmins', refuseAll),
  option('instructionLimits', refuseAll),
  ...['update', 'query', 'install', 'inspect', 'queryGraph', 'round'].map((name) =>
    nested('instructionLimits', name, taken.bigCount),
  ),
  ['object of createReplica', refuseAll, (value) => createReplica(value as object)],
];

let replica: Replica;
beforeAll(async () => {
  replica = await createReplica({ memory: true, virtualTime: true });
});
afterAll(() => replica.close());

const listening = (name: string, takes: readonly string[]): Place => [
  name,
  takes,
  (value) => replica.listen({ [name]: value }),
];
const limited = (name: string): Place => [
  `limits.${name}`,
  taken.count,
  (value) => replica.listen({ limits: { [name]: value } }),
];
const serverOptions: readonly Place[] = [
  listening('port', taken.whole),
  listening('address', ['a string']),
  listening('allowedHosts', refuseAll),
  listening('limits', refuseAll),
  ...['connectionCountMax', 'bufferedByteCountMax', 'idleTimeoutMs', 'keepAliveTimeoutMs', 'closeGraceMs'].map(limited),
  ...['headersTimeoutMs', 'requestTimeoutMs'].map(limited),
  ['object of listen', refuseAll, (value) => replica.listen(value as object)],
];

const call = { canister: 'aaaaa-aa', method: 'raw_rand' };
const called = (of: 'call' | 'query', name: string, takes: readonly string[]): Place => [
  `${of}.${name}`,
  takes,
  (value) => replica[of]({ ...call, [name]: value }),
];
const callArguments = (['call', 'query'] as const).flatMap((of): Place[] => [
  called(of, 'canister', taken.text),
  called(of, 'method', taken.text),
  called(of, 'arg', ['bytes']),
  called(of, 'sender', taken.text),
  [`of ${of}`, refuseAll, (value) => replica[of](value as typeof call)],
]);

const url = 'http://replica/api/v2/status';
const bodies = [
  'a string',
  'an empty string',
  'a string with a zero',
  'null',
  'bytes',
  'shared bytes',
  'a map',
  'a promise',
];
const otherArguments: readonly Place[] = [
  ['durationNs', ['a bigint', 'a negative bigint'], (value) => replica.time.advanceNs(value as bigint)],
  ['rounds', taken.whole, (value) => replica.time.tick(value as number)],
  ['fetch.input', refuseAll, (value) => replica.fetch(value as string)],
  [
    'fetch.init',
    ['null', 'an object', 'an object with the name of a method', 'an object with a prototype of its own name'],
    (value) => replica.fetch(url, value as object),
  ],
  ['fetch.method', taken.text, (value) => replica.fetch(url, { method: value as string })],
  ['fetch.body', bodies, (value) => replica.fetch(url, { method: 'POST', body: value as string })],
  ['fetch.signal', ['null'], (value) => replica.fetch(url, { signal: value as AbortSignal })],
  ['path', taken.path, (value) => replayStore(value as string)],
  ['onRound', ['a function'], (value) => replayStore('/nowhere/at all', value as () => void)],
];

async function mistakeIn(use: () => unknown): Promise<unknown> {
  try {
    return await use();
  } catch (error) {
    return error;
  }
}

describe.each([
  ['option', replicaOptions],
  ['option', serverOptions],
  ['argument', callArguments],
  ['argument', otherArguments],
] as const)('every %s is checked', (kind, places) => {
  const refused = places.flatMap(([name, takes, use]) =>
    Object.entries(values)
      .filter(([each]) => !takes.includes(each))
      .map(([each, value]) => ({ name, each, use: () => use(value) })),
  );

  it.each(refused)('$name is not $each', async ({ name, use }) => {
    const before = [replica.round(), replica.time.nowNs(), replica.stateHash()];
    const error = await mistakeIn(use);
    expect(error).toBeInstanceOf(ReplicaError);
    expect(error).toMatchObject({ kind: 'input', code: kind === 'option' ? 'badOption' : 'badArgument' });
    // Of a whole object its field may be what is wrong.
    const where = name.includes('of ') ? '.+' : `${name.split('.')[0]}[^ ]*`;
    expect((error as ReplicaError).message).toMatch(new RegExp(`^The ${kind} ${where} (cannot be|is) .{0,300}$`));
    expect((error as ReplicaError).nextStep).toMatch(/^(Give|There are) .+\.$/);
    expect([replica.round(), replica.time.nowNs(), replica.stateHash()]).toEqual(before);
  });
});

it('what is refused in lists and numbers is told in words', async () => {
  const said = async (options: object) => String(await mistakeIn(() => createReplica(options)));
  expect(await said({ nodeCount: 1_001 })).toContain('nodeCount cannot be 1001. Give a whole number from 1 to 1000.');
  expect(await said({ subnetAdmins: ['nobody'] })).toContain('Give a list of principals in text form.');
  expect(await said({ instructionLimits: { updates: 5n } })).toContain(
    'instructionLimits.updates is not one that is known',
  );
  expect(await said({ virtualTime: {} })).toContain('virtualTime.startNs is missing. Give nanoseconds since 1970');
  expect(await said({ virtualTime: { startNs: 2n ** 70n } })).toContain('cannot be 1180591620717411303424n');
  expect(await said({ port: 80 })).toContain('The option port is not one that is known. There are store, ');
  const limits = { headersTimeoutMs: 40_000 };
  expect(String(await mistakeIn(() => replica.listen({ limits })))).toContain('because the whole request has 30000');
});

it('options may come with a prototype, and are read once', async () => {
  let reads = 0;
  const options = Object.create({
    get memory() {
      reads++;
      return true;
    },
  }) as object;
  await (await createReplica(options)).close();
  expect(reads).toBe(1);
});

it('a call names its canister and its method, and nothing that nobody knows', async () => {
  const { method, canister } = call;
  await expect(replica.call({ method } as typeof call)).rejects.toThrow('The argument call.canister is missing.');
  await expect(replica.query({ canister } as typeof call)).rejects.toThrow('The argument query.method is missing.');
  const misspelt = { ...call, args: Uint8Array.of(1) };
  await expect(replica.call(misspelt)).rejects.toThrow(
    'call.args is not one that is known. There are canister, method, arg',
  );
});

it('a time that canisters could not see is refused', () => {
  for (const value of Object.values(values)) {
    if (value === 7n) continue;
    expect(() => replica.time.setNs(value as bigint)).toThrow('is no time');
  }
  expect(() => replica.time.setNs(2n ** 64n)).toThrow('is no time');
});

it('listening twice is refused, also while the first time is under way', async () => {
  const open = await createReplica({ memory: true });
  const [first, second] = await Promise.allSettled([open.listen(), open.listen()]);
  expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected']);
  await expect(open.listen()).rejects.toMatchObject({ kind: 'input', code: 'alreadyListening' });
  await open.close();
});
