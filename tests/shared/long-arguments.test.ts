// What is long is read only from callers that a canister knows; a stranger's costs it next to nothing, whichever way it comes.
import { IDL } from '@dfinity/candid';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDid } from '../../stack/src/candid/parse-did.ts';
import { encode, reply } from '../harness/canisters.ts';
import { call, passedReject, passOn } from '../harness/program.ts';
import { createMoneyWorld, delegate, type MoneyWorld, operator, stranger } from '../machine/money-world.ts';
import { birthOf, createRegistryWorld, governor, type RegistryWorld } from '../registry/world.ts';
import { cyclesSpent } from './cycles-spent.ts';

/** Arrival and execution of a message are six million, its bytes 2,000 each, and looking at its caller some more. */
const cyclesMax = 40_000_000n;

let money: MoneyWorld;
let registry: RegistryWorld;
beforeAll(async () => {
  money = await createMoneyWorld();
  registry = await createRegistryWorld({ birthsPerCaller: 0 });
}, 600_000);
afterAll(async () => {
  await money?.close();
  await registry?.close();
});

const account = () => ({ owner: hexToPrincipal(stranger), subaccount: [new Uint8Array(32)] });
const termsWith = (payees: number) =>
  money.terms({ allowed_payees: { only: Array.from({ length: payees }, account) } });
const grant = (payees: number) => ({ delegate: hexToPrincipal(stranger), terms: termsWith(payees) });

describe('queries', () => {
  it('are taken in as queries only: as updates they would cost the canister what a stranger asks for', async () => {
    for (const [replica, canister, method] of [
      [money.replica, money.machine.canister, 'mandates'],
      [money.replica, money.desk, 'layout'],
    ] as const) {
      const arg = encode([], []);
      const cost = await cyclesSpent(replica, canister, async () => {
        const sent = await replica.call({ canister, method, arg, sender: principalToText(stranger) });
        expect(sent).toMatchObject({ kind: 'rejected', message: expect.stringMatching(/QueryOnly: .*as a query/) });
      });
      expect(cost).toBeLessThan(1_000_000n);
      expect(await replica.query({ canister, method, arg })).toMatchObject({ kind: 'replied' });
    }
  });
});

describe('a machine', () => {
  const argumentOf = (method: string, ...values: unknown[]) => encode(money.machine.methods[method]!.argTypes, values);
  const send = (who: PrincipalHex, method: string, arg: Uint8Array) =>
    money.replica.call({ canister: money.machine.canister, method, arg, sender: principalToText(who) });

  const long = (): [string, Uint8Array][] => [
    ['grant_mandate', argumentOf('grant_mandate', { command_id: 'x', ...grant(50) })],
    ['ask', argumentOf('ask', { command_id: 'x', act: { grant_mandate: grant(50) }, reason: 'r' })],
    ['set_charter', argumentOf('set_charter', 'x'.repeat(16_000))],
    ['enrol', argumentOf('enrol', { code: new Uint8Array(60_000) })],
  ];

  it('refuses what a stranger sends before anything is paid, and says why', async () => {
    for (const [method, arg] of long()) {
      const cost = await cyclesSpent(money.replica, money.machine.canister, async () => {
        const answer = await send(stranger, method, arg);
        const message = expect.stringMatching(/ArgumentTooLong: .*send at most/);
        expect(answer).toMatchObject({ kind: 'rejected', message });
      });
      expect(cost).toBeLessThan(1_000_000n);
    }
  });

  it('decodes nothing that a canister sends whom it does not know', async () => {
    const between = await money.create();
    for (const [method, arg] of long()) {
      const cost = await cyclesSpent(money.replica, money.machine.canister, async () => {
        const run = call({ callee: money.machine.canister, method, arg, ...passOn });
        expect(passedReject(await money.run(between, run)).message).toMatch(/ArgumentTooLong/);
      });
      expect(cost).toBeLessThan(cyclesMax);
    }
  });

  it('takes from its operator and its delegates what they may send, and no more', async () => {
    await money.machine.done(operator, 'set_charter', 'x'.repeat(16_000));
    const terms = money.terms({ allowed_payees: { only: Array.from({ length: 50 }, account) }, powers: ['describe'] });
    const given = { command_id: 'all payees', delegate: hexToPrincipal(delegate), terms };
    await money.machine.done(operator, 'grant_mandate', given);
    await money.machine.done(delegate, 'set_charter', 'y'.repeat(16_000));
    const act = { grant_mandate: grant(50) };
    await money.machine.done(delegate, 'ask', { command_id: 'asked', act, reason: 'r' });
    const charter = argumentOf('set_charter', 'x'.repeat(20_000));
    expect(await send(operator, 'set_charter', charter)).toMatchObject({ kind: 'rejected' });
    expect(await send(delegate, 'grant_mandate', long()[0]![1])).toMatchObject({ kind: 'rejected' });
  });

  it('obeys a stop whatever is said with it, by whoever may stop it', async () => {
    const reason = 'fire! '.repeat(2_000);
    expect(await send(stranger, 'stop', argumentOf('stop', { reason }))).toMatchObject({ kind: 'rejected' });
    await money.machine.done(delegate, 'stop', { reason });
    expect((await money.machine.query('stopped'))[0].reason).toBe(reason.trim().slice(0, 256).trim());
    await money.machine.done(operator, 'release_stop');
    await money.machine.done(operator, 'stop', { reason: '火'.repeat(9_000) });
    await money.machine.done(operator, 'release_stop');
  });

  it('looks at the role before it reads terms', async () => {
    const terms = { ...termsWith(20), powers: ['no power'] };
    const given = { command_id: 'x', delegate: hexToPrincipal(stranger), terms };
    expect(await money.machine.refused(stranger, 'grant_mandate', given)).toBe('NotOperator');
    const { command_id, ...mandate } = given;
    const asked = { command_id, act: { grant_mandate: mandate }, reason: 'r' };
    expect(await money.machine.refused(stranger, 'ask', asked)).toBe('NotDelegate');
    expect(await money.machine.refused(operator, 'ask', asked)).toBe('OperatorNeedNotAsk');
    expect(await money.machine.refused(operator, 'grant_mandate', given)).toBe('TermsInvalid');
  });
});

describe('a registry', () => {
  const methods = () => {
    const parsed = parseDid(registry.registryBuild.candid);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  };
  const send = (sender: string, method: string, ...values: unknown[]) => {
    const arg = new Uint8Array(IDL.encode(methods()[method]!.argTypes, values));
    return registry.world.replica.call({ canister: registry.registry, method, arg, sender });
  };
  const somebody = principalToText(stranger);
  const births = (count: number) => {
    const birth = { ...birthOf(), charter: 'x'.repeat(16_000) };
    return { command_id: 'many', module_hash: [], births: Array.from({ length: count }, () => birth) };
  };
  const code = (candid: string) => {
    const module_hash = new Uint8Array(32);
    return { kind: 'machine', version: '1', module_hash, chunk_hashes: [module_hash], candid, layout: '[]' };
  };
  const mandate = () => ({ delegate: hexToPrincipal(delegate), terms: termsWith(50) });

  it('refuses what a stranger sends before anything is paid', async () => {
    const wanted = [
      ['bear', births(50)],
      ['approve_code', code('x'.repeat(500_000))],
      ['set_standing_mandate', mandate()],
      ['upgrade', { machine: hexToPrincipal(stranger), module_hash: new Uint8Array(60_000) }],
    ] as const;
    for (const [method, value] of wanted) {
      const cost = await cyclesSpent(registry.world.replica, registry.registry, async () => {
        const answer = await send(somebody, method, value);
        expect(answer).toMatchObject({ kind: 'rejected', message: expect.stringMatching(/ArgumentTooLong/) });
      });
      expect(cost).toBeLessThan(1_000_000n);
    }
  });

  it('takes births from who may order some, code from its governor, and not the other way round', async () => {
    const errOf = async (answer: ReturnType<typeof send>, method: string) => {
      const data = await reply(answer);
      return (IDL.decode(methods()[method]!.retTypes, Uint8Array.from(data))[0] as { Err: { code: string } }).Err.code;
    };
    expect(await errOf(send(governor, 'approve_code', code('x'.repeat(10_000))), 'approve_code')).toBe('CandidInvalid');
    expect(await send(governor, 'bear', births(5))).toMatchObject({ kind: 'rejected' });
    expect(await errOf(send(somebody, 'bear', { ...births(0) }), 'bear')).toBe('FieldInvalid');
    await registry.update(governor, 'allow_operator', hexToPrincipal(stranger), 3);
    expect(await errOf(send(somebody, 'bear', births(3)), 'bear')).toBe('NoHomeLedger');
    expect(await errOf(send(somebody, 'set_standing_mandate', mandate()), 'set_standing_mandate')).toBe(
      'LedgerUnknown',
    );
    expect(await send(somebody, 'approve_code', code('x'.repeat(10_000)))).toMatchObject({ kind: 'rejected' });
  });
});
