// What is logged, and how long it is kept (specification, fetch_canister_logs and "Debugging aids").
import { IDL } from '@dfinity/candid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canisterArgument, decode, install, manage, reply as replied } from '../harness/canisters.ts';
import { blob, op, program, reply, trap } from '../harness/program.ts';
import { universal } from '../harness/universal.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const record = IDL.Record({ idx: IDL.Nat64, timestamp_nanos: IDL.Nat64, content: IDL.Vec(IDL.Nat8) });
const result = IDL.Record({ canister_log_records: IDL.Vec(record) });

interface LogRecord {
  readonly idx: bigint;
  readonly timestamp_nanos: bigint;
  readonly content: Uint8Array;
}

async function records(canister: string): Promise<LogRecord[]> {
  const arg = canisterArgument(canister);
  const data = await replied(world.replica.query({ canister: 'aaaaa-aa', method: 'fetch_canister_logs', arg }));
  return (decode([result], data)[0] as { canister_log_records: LogRecord[] }).canister_log_records;
}

const texts = async (canister: string) =>
  (await records(canister)).map(({ content }) => new TextDecoder().decode(Uint8Array.from(content)));
const say = (text: string) => op('debug_print', blob(text));

it('what updates print and why they trap is logged, in order and with the time [logs.collected]', async () => {
  const canister = await world.create();
  await world.run(canister, program(say('one'), say('two'), reply()));
  await world.rejected(canister, program(say('three'), trap('four')));
  await world.rejected(canister, op('unreachable'));
  const logged = await texts(canister);
  expect(logged.slice(0, 3)).toEqual(['one', 'two', 'three']);
  expect(logged[3]).toMatch(/four/);
  expect(logged[4]).toMatch(/unreachable/);
  const all = await records(canister);
  expect(all.map(({ idx }) => idx)).toEqual([0n, 1n, 2n, 3n, 4n]);
  for (const { timestamp_nanos } of all) expect(timestamp_nanos).toBeLessThanOrEqual(world.replica.time.nowNs());
});

it('what queries print is not logged [logs.collected]', async () => {
  const canister = await world.create();
  const arg = program(say('looking'), reply());
  await replied(world.replica.query({ canister, method: 'query', arg }));
  await replied(world.replica.query({ canister, method: 'composite', arg }));
  expect(await texts(canister)).toEqual([]);
  await replied(world.replica.call({ canister, method: 'query', arg }));
  expect(await texts(canister)).toEqual(['looking']);
});

it('logs live through an upgrade, not through reinstalling or uninstalling [logs.kept]', async () => {
  const canister = await world.create();
  const wasm = await universal();
  await world.run(canister, program(say('before'), reply()));
  await install(world.replica, canister, wasm, 'upgrade');
  expect(await texts(canister)).toEqual(['before']);
  await install(world.replica, canister, wasm, 'reinstall');
  expect(await texts(canister)).toEqual([]);
  await world.run(canister, program(say('after'), reply()));
  expect(await texts(canister)).toEqual(['after']);
  await replied(manage(world.replica, 'uninstall_code', canister));
  expect(await texts(canister)).toEqual([]);
});
