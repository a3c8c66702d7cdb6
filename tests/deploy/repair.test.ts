// A deployment held against a configuration that changed, or that was wrong at first: over a replica in the same process, with real
// Wasm.
import { ok } from '@tamc/base/result';
import { bindLedger, createIdentity } from '@tamc/client';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { hexToPrincipal, type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rememberInMemory } from '../../stack/src/deploy/deployer.ts';
import { planSteps } from '../../stack/src/deploy/steps.ts';
import { compileWat } from '../harness/canisters.ts';
import { type Deployments, expectOk, openDeployments } from './deployments.ts';

let deployments: Deployments;
beforeAll(async () => {
  deployments = await openDeployments();
}, 600_000);
afterAll(() => deployments.close());
beforeEach(() => {
  deployments.remembered = rememberInMemory();
});

/** Answers a number (`DIDL`, no types, one nat, 5) to whatever a ledger is asked for its facts. */
const numbersForAll = `(module
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (memory 1)
  (data (i32.const 0) "DIDL\\00\\01\\7d\\05")
  (func (export "canister_query icrc1_symbol") (call $append (i32.const 0) (i32.const 8)) (call $reply))
  (func (export "canister_query icrc1_decimals") (call $append (i32.const 0) (i32.const 8)) (call $reply))
  (func (export "canister_query icrc1_fee") (call $append (i32.const 0) (i32.const 8)) (call $reply)))`;

const deploy = (config: Readonly<Record<string, unknown>> = {}) => deployments.deploy({ config });
const deployUntil = (stepId: string, config = {}) => deployments.deployUntil(stepId, { config });
const idOf = (name: string) => deployments.remembered.idOf(name);
const registry = () => deployments.registry();
const ledgerFacts = async () => expectOk(await deployments.ledger().facts());

describe('a configuration that changed', () => {
  it('is brought into force where it can be, and only in what it names', async () => {
    await deploy();
    expect(await deploy({ birthsPerCaller: 5, birthCycles: '4000000000000' })).toEqual(['registry/terms']);
    const terms = { births_per_caller: 5, birth_cycles: 4_000_000_000_000n };
    expect(expectOk(await registry().settings())).toMatchObject(terms);
    // The governor's own decision is not taken back by a deployment that says nothing of it.
    expect(await deploy()).toEqual([]);
    expect(await deploy({ birthsPerCaller: 7 })).toEqual(['registry/terms']);
    expect(expectOk(await registry().settings())).toMatchObject({ ...terms, births_per_caller: 7 });
    expect(await deploy({ birthsPerCaller: 7 })).toEqual([]);
  }, 300_000);

  it('is refused with what cannot be changed, and nothing of it is done', async () => {
    await deploy();
    const other = { tokenName: 'Other', symbol: 'OTH', decimals: 2, fee: '1' };
    expect(await deploy({ ownLedger: other, birthsPerCaller: 5 })).toMatch(
      /the ledger has tokenName Simulated US Dollar and not Other, symbol simUSD and not OTH, decimals 6 and not 2, fee 100 and not 1: that is fixed/,
    );
    expect(await deploy({ cyclesPerUnit: '5' })).toMatch(/the simulated desk has cyclesPerUnit 700000 and not 5/);
    expect(await deploy({ engine: true })).toMatch(/set up for a network of the kind "local".* kind "engine"/);
    expect(expectOk(await registry().settings()).births_per_caller).toBe(1_000);
    expect(await ledgerFacts()).toMatchObject({ symbol: 'simUSD' });
    expect(await deploy({ cyclesPerUnit: '700000' })).toEqual([]);
  }, 300_000);
});

const thing = { '@context': 'https://www.w3.org/2022/wot/td/v1.1', title: 'W', properties: {}, actions: {} };
const washer = {
  ...{ kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp', charter: 'Washes.' },
  thing: JSON.stringify(thing),
};

describe('a deployment that stands still', () => {
  it('goes on with a canister that was created with too few cycles, when cycles cost nothing', async () => {
    await deployUntil('ledger/create');
    const ledger = idOf('ledger')!;
    deployments.remembered.remember('ledger', expectOk(await deployments.management.createWithCycles(1n)));
    expect(idOf('ledger')).not.toBe(ledger);
    expect(await deploy()).toContain('ledger/cycles');
    expect(await deploy()).toEqual([]);
    expect(expectOk(await deployments.management.cyclesOf(idOf('ledger')!))).toBeGreaterThan(330_000_000_000n);
  }, 300_000);

  it('says so where cycles cost money, before anything is done', async () => {
    deployments.remembered.remember('registry', expectOk(await deployments.management.createWithCycles(1n)));
    const steps = deployments.steps({ network: 'main' });
    const planned = await planSteps(steps.filter(({ id }) => id.startsWith('registry/')));
    expect(planned).toMatchObject({
      ok: false,
      error: {
        message: expect.stringContaining('it holds 1 cycles, and no code is installed'),
        nextStep: expect.stringContaining(`Send cycles to ${principalToText(idOf('registry')!)}`),
      },
    });
  });

  it('begins a ledger anew that a mistake made and nobody has used, and no other', async () => {
    // As a version did that took 24 decimals, which the registry refuses.
    const mistaken = { tokenName: 'x', symbol: 'X', decimals: 7, fee: '1' };
    await deployUntil('ledger/run', { ownLedger: mistaken });
    expect((await ledgerFacts()).decimals).toBe(7);
    const wanted = { tokenName: 'Lisbon Credit', symbol: 'LSC', decimals: 6, fee: '1' };
    expect(await deploy({ ownLedger: wanted })).toContain('ledger/terms');
    expect(await ledgerFacts()).toMatchObject({ symbol: 'LSC', decimals: 6 });
    expect(await deploy({ ownLedger: wanted })).toEqual([]);

    deployments.remembered = rememberInMemory();
    await deployUntil('ledger/run', { ownLedger: mistaken });
    const { methods } = bindLedger(deployments.connection, idOf('ledger')!);
    const to = accountToCandid(accountOf(principalToHex(createIdentity().getPrincipal())));
    const none = { fee: [] as [], memo: [] as [], from_subaccount: [] as [], created_at_time: [] as [] };
    expect(await methods.icrc1_transfer({ to, amount: 5n, ...none })).toEqual(ok({ Ok: 0n }));
    expect(await deploy({ ownLedger: wanted })).toMatch(/the ledger has tokenName x and not Lisbon Credit/);
    expect(await methods.icrc1_balance_of(to)).toEqual(ok(5n));
  }, 300_000);

  it('works with the least of everything that a configuration may give', async () => {
    const least = '850000000000';
    const given = { canisterCycles: least, birthCycles: least, registryCycles: '2200000000000' };
    expect(await deploy(given)).toContain('machine/approve');
    expect(await deploy(given)).toEqual([]);
    // It gives birth to one: with more it would be refused for want of cycles.
    const births = [{ operator: [] as [], ...washer }];
    const ordered = await registry().bear({ command_id: 'first', module_hash: [], births });
    expect(ordered).toMatchObject({ ok: true });
    expect(await registry().bear({ command_id: 'two', module_hash: [], births: [...births, ...births] })).toMatchObject(
      {
        error: { code: 'CyclesMissing' },
      },
    );
  }, 300_000);
});

describe('a ledger that is there already', () => {
  const nothingDone = async (ledger: PrincipalHex, reason: RegExp) => {
    const text = principalToText(ledger);
    expect(await deploy({ ownLedger: null, foreignLedgers: [text] })).toMatch(reason);
    expect(idOf('registry')).toBeNull();
  };

  it('is looked at before anything is created: one that is no canister, or no ledger, ends the plan', async () => {
    await nothingDone('00000000ffffffff0101' as PrincipalHex, /is no ledger that machines can use: .*not found/);
    const empty = expectOk(await deployments.management.createWithCycles(1_000_000_000_000n));
    await nothingDone(empty, /is no ledger that machines can use/);
    deployments.remembered = rememberInMemory();
    await deployUntil('simulated-desk/run');
    const desk = idOf('simulated-desk')!;
    deployments.remembered = rememberInMemory();
    await nothingDone(desk, /is no ledger that machines can use: .*icrc1_/);
  }, 300_000);

  it('is looked at too where it answers in other types than a ledger does', async () => {
    const { management } = deployments;
    const other = expectOk(await management.createWithCycles(1_000_000_000_000n));
    expectOk(await management.install(other, 'install', await compileWat(numbersForAll), new Uint8Array()));
    await nothingDone(other, /is no ledger that machines can use: the answer cannot be read: type mismatch/);
  }, 300_000);

  it('is taken where it is one', async () => {
    await deployUntil('ledger/run');
    const ledger = idOf('ledger')!;
    deployments.remembered = rememberInMemory();
    expect(await deploy({ ownLedger: null, foreignLedgers: [principalToText(ledger)] })).toContain(
      `${principalToText(ledger)}/register`,
    );
    expect(expectOk(await registry().settings()).home_ledger[0]?.toText()).toBe(hexToPrincipal(ledger).toText());
  }, 300_000);
});
