// The same random life in Node and in Wasm: after every message the same answer, and in the end the same state, to the byte.
import { Principal } from '@dfinity/principal';
import type { Result } from '@tamc/base/result';
import { type CandidMandateTerms, parseMandateTerms } from '@tamc/protocol/mandate';
import { anonymous, hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { argumentDigest } from '@tamc/shared/guard/commands';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Message, stepArbitrary, stepToCaller, stepToMessage } from '../../canisters/machine/test-history.ts';
import {
  createTestMachine,
  init,
  keyOf,
  ledger,
  operator,
  type TestMachine,
} from '../../canisters/machine/test-machine.ts';
import { grantMandate } from '../../canisters/machine/wallet/grant.ts';
import { encode } from '../harness/canisters.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';
import { createMachine, type MachineOnReplica, type Value } from './machine-world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

interface Twins {
  readonly wasm: MachineOnReplica;
  readonly pure: TestMachine;
  readonly self: PrincipalHex;
}

async function createTwins(): Promise<Twins> {
  const wasm = await createMachine(world, 'tests/canisters/machine-probe');
  const [born] = await wasm.events();
  const self = principalToHex(Principal.fromText(wasm.canister));
  const pure = createTestMachine(init, { self, by: anonymous, timeNs: born!.timeNs });
  const twins = { wasm, pure, self };
  for (const name of ['ann', 'bob']) await both(twins, operator, grantTo(name));
  for (const kind of ['issue', 'enrol'] as const) {
    const step = { kind, luck: 1, number: 0, seconds: 600, stranger: anonymous, other: anonymous };
    expect(await both(twins, stepToCaller(step, pure), stepToMessage(step, pure, 0)!)).toEqual(['done', 'done']);
  }
  return twins;
}

function grantTo(name: string): Message {
  const terms: CandidMandateTerms = {
    label: name,
    ledger: hexToPrincipal(ledger),
    amount_range: { min: 0n, max: 1n },
    budget: { amount: 1n, period_ns: 86_400n * secondNs },
    agent_recurrence: 1,
    allowed_payees: { any: null },
    allowed_purposes: { any: null },
    not_before_ns: 0n,
    expires_ns: world.replica.time.nowNs() + 86_400n * secondNs,
    reserve_floor: 0n,
    ask_above: 0n,
    powers: ['control', 'command', 'enrol'],
  };
  const delegate = keyOf(name);
  const command = { delegate, terms: parseMandateTerms(terms) };
  return {
    method: 'grant_mandate',
    values: [{ command_id: `grant ${name}`, delegate: hexToPrincipal(delegate), terms }],
    commandId: `grant ${name}`,
    act: (act) => act(grantMandate, command),
    once: (once) => once(grantMandate, command),
  };
}

/** The message to both; answers with `done` or the code of the refusal of each. */
async function both({ wasm, pure, self }: Twins, caller: PrincipalHex, message: Message): Promise<[string, string]> {
  const { method, values } = message;
  const answer = await wasm.update(caller, method, ...values);
  const fresh = await wasm.events(pure.tables.eventLog.end());
  // What the timer did meanwhile comes first.
  for (const { by, timeNs } of fresh) {
    if (by !== self) break;
    pure.setTime(timeNs);
    pure.notice(self);
  }
  pure.setTime(fresh.findLast(({ by }) => by !== self)?.timeNs ?? world.replica.time.nowNs());
  const result = perform(pure, caller, message, encode(wasm.methods[method]!.argTypes, [...values]));
  // Its registry is nobody here: a hand-over is told, and rejected.
  pure.answerCalls({ kind: 'rejected', code: 3, message: 'no such canister' });
  return [codeOf(answer), result.ok ? 'done' : result.error.code];
}

function perform(pure: TestMachine, caller: PrincipalHex, message: Message, argument: Uint8Array) {
  const id = message.commandId;
  const digest = argumentDigest(argument);
  if (id !== null) return message.once!((rule, command) => pure.once(caller, { id, digest }, rule, command));
  // A stop does not wait for what time has brought.
  const act = message.method === 'stop' ? pure.perform : pure.tried;
  return message.act((rule, command) => act(caller, rule, command) as Result<never, Refusal>);
}

function codeOf(answer: Value): string {
  if ('Err' in answer) return answer.Err.code;
  return answer.Ok?.refused?.[0]?.refusal.code ?? 'done';
}

it.each([1, 2, 3])('random life %i', async (seed) => {
  const twins = await createTwins();
  const [steps] = fc.sample(fc.array(stepArbitrary, { minLength: 60, maxLength: 60, size: 'max' }), {
    numRuns: 1,
    seed,
  });
  const answers = new Map<string, number>();
  for (const [id, step] of steps!.entries()) {
    world.replica.time.advanceNs(BigInt(step.seconds) * secondNs);
    twins.pure.setTime(world.replica.time.nowNs());
    const message = stepToMessage(step, twins.pure, id);
    if (message === null) continue;
    const [wasm, pure] = await both(twins, stepToCaller(step, twins.pure), message);
    expect(`${id} ${step.kind}: ${wasm}`).toBe(`${id} ${step.kind}: ${pure}`);
    answers.set(wasm, (answers.get(wasm) ?? 0) + 1);
  }
  await world.replica.time.tick(3);
  expect(await twins.wasm.events()).toEqual(twins.pure.seen());
  expect(await twins.wasm.query('state_hash')).toBe(twins.pure.hash());
  expect(answers.get('done')).toBeGreaterThan(20);
  expect(new Set(twins.pure.kinds()).size).toBeGreaterThan(15);
});
