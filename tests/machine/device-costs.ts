// Prints what each update of a machine's device side costs in Wasm: the table in docs/guides/machine-persona.md.
// Run: node --import tsx tests/machine/device-costs.ts
import { gzipSync } from 'node:zlib';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { codeOf, keyOf, operator, registry, thing } from '../../canisters/machine/test-machine.ts';
import { canisterArgument, decode, encode, reply } from '../harness/canisters.ts';
import { createTestWorld, secondNs } from '../harness/world.ts';
import { buildMachine, createMachine } from './machine-world.ts';

const world = await createTestWorld();
const { replica } = world;
const machine = await createMachine(world);
const statusType = IDL.Record({ cycles: IDL.Nat, memory_size: IDL.Nat });

async function statusOf(): Promise<{ cycles: bigint; memory_size: bigint }> {
  const arg = canisterArgument(machine.canister);
  const data = await reply(replica.call({ canister: 'aaaaa-aa', method: 'canister_status', arg }));
  return decode([statusType], data)[0] as { cycles: bigint; memory_size: bigint };
}

/** Every update pays for its arrival and for being executed at all; the rest is one cycle for each instruction. */
const arrivalCycles = 1_200_000n;
const arrivalCyclesPerByte = 2_000n;
const executionCycles = 5_000_000n;

async function cost(name: string, caller: typeof operator, method: string, ...values: unknown[]): Promise<void> {
  const before = (await statusOf()).cycles;
  const answer = await machine.update(caller, method, ...values);
  const cycles = before - (await statusOf()).cycles;
  const bytes = encode(machine.methods[method]!.argTypes, values).length + method.length;
  const instructions = cycles - arrivalCycles - arrivalCyclesPerByte * BigInt(bytes) - executionCycles;
  const refusal = answer.Err?.code ?? answer.Ok?.refused?.[0]?.refusal.code;
  const millions = (count: bigint) => (Number(count) / 1e6).toFixed(1);
  console.log(
    `| ${name} | ${millions(instructions)} | ${millions(cycles)} |${refusal === undefined ? '' : ` ${refusal}`}`,
  );
}

const device = keyOf('device');
const now = () => replica.time.nowNs();
const wash = (id: number) => {
  const expires_ns = now() + 3_600n * secondNs;
  return { command_id: `${id}`, action: 'wash', arguments: '{"degrees":40}', device: [], expires_ns };
};
const evidence = new Uint8Array(32).fill(1);
let sequence = 0;
const report = (body: object) => ({ sequence: ++sequence, at_ns: now(), body });
const condition = { part: 'drum', verdict: { good: null }, confidence_ppm: 1, wear_ppm: [2], fault: [] };
const judged = { condition: { ...condition, model_hash: evidence, input_digest: evidence } };

const { wasm } = await buildMachine();
const { memory_size } = await statusOf();
console.log(
  `Wasm ${wasm.length} bytes, ${gzipSync(wasm).length} compressed; memory after birth ${memory_size} bytes\n`,
);
console.log('| update | million instructions | million cycles |\n|---|---:|---:|');
await cost('`describe`', operator, 'describe', thing);
await cost('`set_charter`', operator, 'set_charter', 'It washes.');
const enrolment = { code_hash: sha256(codeOf('device')), label: 'controller', expires_ns: now() + 3_600n * secondNs };
await cost('`issue_enrolment`', operator, 'issue_enrolment', enrolment);
await cost('`enrol`', device, 'enrol', { code: codeOf('device') });
await cost('`command`', operator, 'command', wash(1));
await cost('`report` accepted', device, 'report', [report({ accepted: { command: 1 } })]);
await cost('`report` acted', device, 'report', [report({ acted: { command: 1 } })]);
await cost('`report` confirmed', device, 'report', [report({ confirmed: { command: 1, quantity: 1n, evidence } })]);
await cost('`report` heartbeat', device, 'report', [report({ heartbeat: null })]);
await cost('`report` condition', device, 'report', [report(judged)]);
await cost(
  '`report` of 20 heartbeats',
  device,
  'report',
  Array.from({ length: 20 }, () => report({ heartbeat: null })),
);
await cost('`take_control`', operator, 'take_control', { timeout_ns: 60n * secondNs });
await cost('`keep_control`', operator, 'keep_control');
await cost('`release_control`', operator, 'release_control');
for (let id = 2; id < 18; id++) await machine.done(operator, 'command', wash(id));
await cost('`stop` with 16 commands waiting', operator, 'stop', { reason: 'test' });
await cost('`stop` again', operator, 'stop', { reason: 'test' });
await cost('`release_stop`', operator, 'release_stop');
await cost('`rotate_key`', device, 'rotate_key', { next: hexToPrincipal(keyOf('next')) });
await cost('`confirm_key`', keyOf('next'), 'confirm_key');
await cost('`revoke_device`', operator, 'revoke_device', { device: 1, reason: 'old' });
await cost('`offer_operation`', operator, 'offer_operation', { to: [hexToPrincipal(keyOf('ann'))] });
await cost('`approve_upgrade`', operator, 'approve_upgrade', { hash: evidence });
await cost('`prepare_upgrade`', registry, 'prepare_upgrade');
await cost('`accept_operation`', keyOf('ann'), 'accept_operation');
await cost('a refusal', Principal.anonymous().toHex().toLowerCase() as typeof operator, 'release_stop');
await world.close();
