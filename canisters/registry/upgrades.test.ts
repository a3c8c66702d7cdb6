import { IDL } from '@dfinity/candid';
import { PreparedUpgradeType, PrepareUpgradeType, UpgradeDecisionType } from '@tamc/protocol/identity';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { AnswerType } from '@tamc/protocol/refusal';
import { registryLimits } from '@tamc/protocol/registry';
import type { CallOutcome } from '@tamc/shared/rule';
import { beforeEach, describe, expect, it } from 'vitest';
import { retireCode } from './code.ts';
import {
  approve,
  candidWith,
  codeOf,
  createReadyRegistry,
  firstHash,
  governor,
  layoutWith,
  ledger,
  operator,
  order,
  rejected,
  secondHash,
  stranger,
  type TestRegistry,
  unknown,
} from './test-registry.ts';
import { compareFirst, resumeUpgrade, startUpgrade } from './upgrades.ts';

const anonymous = '04' as PrincipalHex;
const machine = '00000000000000aa0101' as PrincipalHex;
const lossyHash = '33'.repeat(32);
const breakingHash = '44'.repeat(32);
const otherKindHash = '55'.repeat(32);

let registry: TestRegistry;
beforeEach(() => {
  registry = createReadyRegistry();
  order(registry, 1);
  registry.reply(call().id, IDL.Record({ canister_id: IDL.Principal }), { canister_id: hexToPrincipal(machine) });
  registry.reply(call().id, null);
  registry.reply(call().id, null);
  approve(registry, codeOf(secondHash, { candid: candidWith('memo : opt text') }));
  approve(registry, codeOf(lossyHash, { layout: layoutWith('author') }));
  approve(registry, codeOf(breakingHash, { candid: candidWith('memo : text') }));
  approve(registry, codeOf(otherKindHash, { codeKind: 'ledger' }));
});

function call() {
  const [only, ...others] = registry.calls();
  expect(others).toEqual([]);
  return only!;
}

const start = (moduleHash: string, id = machine, caller = stranger) =>
  registry.act(caller, startUpgrade, { machine: id, moduleHash });
const upgrade = (number = 0) => registry.tables.upgrades.get(number)!;
const bytesOf = (byte: number) => new Uint8Array(32).fill(byte);

const decide = (byte: number | null) =>
  registry.reply(call().id, UpgradeDecisionType, {
    module_hash: byte === null ? [] : [bytesOf(byte)],
    expires_ns: [],
  });
const tellLayout = (text = layoutWith('by')) => registry.reply(call().id, IDL.Text, text);
const prepare = (...callees: PrincipalHex[]) =>
  registry.reply(call().id, AnswerType(PreparedUpgradeType), {
    Ok: {
      open_calls: callees.map((callee) => ({ callee: hexToPrincipal(callee), method: 'icrc1_transfer', since_ns: 1n })),
      quiet_until_ns: 1n,
    },
  });
const Status = IDL.Record({
  status: IDL.Variant({ running: IDL.Null, stopped: IDL.Null }),
  module_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
});
const tellStatus = (word: 'running' | 'stopped', byte: number) =>
  registry.reply(call().id, Status, { status: { [word]: null }, module_hash: [bytesOf(byte)] });
const done = () => registry.reply(call().id, null);
/** The machine is told once that it may work again, and nothing depends on its answer. */
function takenBack(answer: CallOutcome = rejected('no such method', 3)): void {
  expect(call()).toMatchObject({ method: 'cancel_upgrade', callee: machine, isRepeatable: false, attemptsMax: 1 });
  registry.answer(call().id, answer);
  expect(registry.calls()).toEqual([]);
}

function untilInstalling(): void {
  start(secondHash);
  decide(0x22);
  tellLayout();
  prepare();
  done();
  tellStatus('stopped', 0x11);
  expect(call()).toMatchObject({ method: 'install_chunked_code', isRepeatable: false });
}

describe('an upgrade is refused at once', () => {
  it('for what does not exist, is not needed, or is of another kind', () => {
    expect(start(secondHash, ledger)).toEqual({ refused: 'MachineUnknown' });
    expect(start('99'.repeat(32))).toEqual({ refused: 'CodeUnknown' });
    expect(start(firstHash)).toEqual({ refused: 'UpgradeNotNeeded' });
    expect(start(otherKindHash)).toEqual({ refused: 'OtherKind' });
    expect(start(secondHash, machine, anonymous)).toEqual({ refused: 'AnonymousCaller' });
  });

  it('when data would be lost or clients would break', () => {
    expect(start(lossyHash)).toEqual({ refused: 'UpgradeWouldLose' });
    expect(start(breakingHash)).toEqual({ refused: 'UpgradeWouldBreak' });
    expect(registry.calls()).toEqual([]);
  });

  it('for what was found once, without comparing again', () => {
    const ask = (moduleHash: string) => {
      const command = { machine, moduleHash };
      expect(registry.act(stranger, compareFirst, command)).toEqual({ reply: null });
      return start(moduleHash);
    };
    expect(ask(lossyHash)).toEqual({ refused: 'UpgradeWouldLose' });
    expect(ask(breakingHash)).toEqual({ refused: 'UpgradeWouldBreak' });
    // Nobody looks at the texts any more.
    for (const hash of [firstHash, lossyHash, breakingHash]) registry.tables.codeTexts.delete(hash);
    const length = registry.log.next();
    expect(ask(lossyHash)).toEqual({ refused: 'UpgradeWouldLose' });
    expect(ask(breakingHash)).toEqual({ refused: 'UpgradeWouldBreak' });
    expect(registry.log.next()).toBe(length);
  });

  it('without comparing anything for who could not start it', () => {
    const length = registry.log.next();
    for (const [who, moduleHash] of [
      [anonymous, lossyHash],
      [stranger, otherKindHash],
      [stranger, firstHash],
    ] as const)
      registry.act(who, compareFirst, { machine, moduleHash });
    expect(registry.log.next()).toBe(length);
  });

  it('while another one runs', () => {
    start(secondHash);
    expect(start(secondHash)).toEqual({ refused: 'UpgradeRunning' });
  });
});

describe('an upgrade', () => {
  it('asks, reads, prepares, stops, looks, installs and starts', () => {
    untilInstalling();
    done();
    expect(call().method).toBe('start_canister');
    expect(registry.tables.machines.get(machine)?.moduleHash).toBe(firstHash);
    done();
    expect(upgrade()).toMatchObject({ outcome: 'upgraded', step: 'over' });
    expect(registry.tables.machines.get(machine)?.moduleHash).toBe(secondHash);
    expect(registry.calls()).toEqual([]);
  });

  it.each([
    ['it has decided for none', () => decide(null), 'UpgradeNotDecided'],
    ['it has decided for another', () => decide(0x33), 'UpgradeNotDecided'],
    ['it rejects the question', () => registry.answer(call().id, rejected('go away')), 'MachineRefused'],
    ['it answers nonsense', () => registry.reply(call().id, IDL.Text, 'yes'), 'UpgradeNotDecided'],
    [
      'it answers no Candid',
      () => registry.answer(call().id, { kind: 'replied', bytes: bytesOf(1) }),
      'MachineRefused',
    ],
    ['it never answers', () => registry.answer(call().id, unknown), 'MachineRefused'],
    [
      'it answers too late',
      () => {
        registry.pass(registryLimits.upgradeLapseNs + 1n);
        decide(0x22);
      },
      'UpgradeTooLate',
    ],
  ])('is refused by the machine when %s', (_, answer, code) => {
    start(secondHash);
    answer();
    expect(upgrade()).toMatchObject({ outcome: 'refused', code });
    expect(registry.calls()).toEqual([]);
    expect(start(secondHash)).toEqual({ reply: '1' });
  });

  it.each([
    [
      'the layout that it has is another than was approved',
      layoutWith('writer'),
      /table notes: field writer: field removed/,
    ],
    ['its layout cannot be read', '[{}]', /cannot be read/],
    ['its layout is not JSON', '\u0000', /cannot be read/],
  ])('is refused when %s', (_, text, problem) => {
    start(secondHash);
    decide(0x22);
    tellLayout(text);
    expect(upgrade()).toMatchObject({
      outcome: 'refused',
      code: 'UpgradeWouldLose',
      problem: expect.stringMatching(problem),
    });
  });

  it('is refused over an open call, and names whom the machine waits for', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    prepare(ledger);
    expect(upgrade()).toMatchObject({ outcome: 'refused', code: 'UpgradeOverOpenCall' });
    expect(upgrade().problem).toMatch(/waits for [a-z0-9-]+ to answer icrc1_transfer/);
  });

  it('that the machine itself refuses says what the machine said', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    const Err = { kind: 'state', code: 'Busy', message: 'a payment is under way', next_step: 'wait' };
    registry.reply(call().id, AnswerType(PreparedUpgradeType), { Err });
    expect(upgrade().problem).toBe('the machine answered prepare_upgrade with a payment is under way');
  });

  it.each([
    ['cannot be stopped', () => registry.answer(call().id, rejected('timeout', 2)), 'MachineNotStopped'],
    [
      'is not stopped after all',
      () => {
        done();
        tellStatus('running', 0x11);
      },
      'MachineNotStopped',
    ],
    [
      'has code that nobody knows',
      () => {
        done();
        tellStatus('stopped', 0x77);
      },
      'OtherCodeFound',
    ],
    [
      'traps in the new code',
      () => {
        done();
        tellStatus('stopped', 0x11);
        registry.answer(call().id, rejected('trapped', 5));
      },
      'NewCodeTrapped',
    ],
    [
      'still has the old code after a lost answer',
      () => {
        done();
        tellStatus('stopped', 0x11);
        registry.answer(call().id, unknown);
        tellStatus('stopped', 0x11);
      },
      'NewCodeTrapped',
    ],
  ])('of a machine that %s ends with the old code started again', (_, happens, code) => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    prepare();
    happens();
    expect(call().method).toBe('start_canister');
    done();
    expect(upgrade()).toMatchObject({ outcome: 'failed', code });
    expect(registry.tables.machines.get(machine)?.moduleHash).toBe(firstHash);
    takenBack();
  });

  it.each([
    ['its answer is lost', () => registry.answer(call().id, unknown), 'MachineRefused'],
    ['it rejects', () => registry.answer(call().id, rejected('go away')), 'MachineRefused'],
    [
      'it comes too late',
      () => {
        registry.pass(registryLimits.upgradeLapseNs + 1n);
        prepare();
      },
      'UpgradeTooLate',
    ],
  ])('of a machine that may have prepared is taken back when %s', (_, answer, code) => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    answer();
    expect(upgrade()).toMatchObject({ outcome: 'refused', code });
    takenBack();
  });

  it('takes nothing back of a machine that has not prepared', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    prepare(ledger);
    expect(upgrade()).toMatchObject({ outcome: 'refused', code: 'UpgradeOverOpenCall' });
    expect(registry.calls()).toEqual([]);
  });

  it('takes nothing back of what another upgrade prepares', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    const late = call().id;
    registry.pass(registryLimits.upgradeLapseNs + 1n);
    expect(start(secondHash)).toEqual({ reply: '1' });
    registry.answer(late, unknown);
    expect(upgrade(0)).toMatchObject({ outcome: 'refused', code: 'UpgradeTooLate' });
    expect(call().method).toBe('upgrade_decision');
  });

  it('prepares the machine for just the module that it has decided for', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    const { method, argument } = call();
    expect(method).toBe('prepare_upgrade');
    expect(IDL.decode([PrepareUpgradeType], Uint8Array.from(argument))).toEqual([[{ hash: bytesOf(0x22) }]]);
  });

  it('to a module that retires in the meantime ends with the old code started again', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    prepare();
    expect(registry.act(governor, retireCode, { moduleHash: secondHash })).toEqual({ reply: null });
    done();
    tellStatus('stopped', 0x11);
    expect(call().method).toBe('start_canister');
    done();
    expect(upgrade()).toMatchObject({ outcome: 'failed', code: 'CodeUnknown' });
    takenBack(unknown);
  });

  it('whose answer is lost is looked up', () => {
    untilInstalling();
    registry.answer(call().id, unknown);
    expect(call().method).toBe('canister_status');
    tellStatus('stopped', 0x22);
    done();
    expect(upgrade().outcome).toBe('upgraded');
  });

  it('finds the new code installed already and only starts it', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    prepare();
    done();
    tellStatus('stopped', 0x22);
    done();
    expect(upgrade().outcome).toBe('upgraded');
  });

  it('that cannot start the machine stands still until somebody resumes it', () => {
    untilInstalling();
    done();
    expect(registry.act(operator, resumeUpgrade, { upgrade: 0 })).toEqual({ refused: 'UpgradeGoesOn' });
    registry.answer(call().id, rejected('out of cycles', 2));
    expect(upgrade()).toMatchObject({ isStalled: true, outcome: null });
    expect(start(secondHash)).toEqual({ refused: 'UpgradeRunning' });
    expect(registry.act(anonymous, resumeUpgrade, { upgrade: 0 })).toEqual({ refused: 'AnonymousCaller' });
    expect(registry.act(stranger, resumeUpgrade, { upgrade: 5 })).toEqual({ refused: 'UpgradeUnknown' });
    expect(registry.act(stranger, resumeUpgrade, { upgrade: 0 })).toEqual({ reply: null });
    done();
    expect(upgrade().outcome).toBe('upgraded');
  });

  it('that nobody answered lapses, so that another can begin, and a late answer changes nothing', () => {
    start(secondHash);
    const late = call().id;
    registry.pass(registryLimits.upgradeLapseNs + 1n);
    expect(start(secondHash)).toEqual({ reply: '1' });
    registry.reply(late, UpgradeDecisionType, { module_hash: [bytesOf(0x22)], expires_ns: [] });
    expect(upgrade(0)).toMatchObject({ outcome: 'refused', code: 'UpgradeTooLate' });
    expect(upgrade(1)).toMatchObject({ outcome: null, step: 'asking' });
  });

  it('whose stop hangs can be given up after a while, and then the machine works again', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    prepare();
    const stop = call();
    expect(stop).toMatchObject({ method: 'stop_canister', attemptsMax: 1 });
    registry.pass(registryLimits.stopPatienceNs);
    expect(registry.act(stranger, resumeUpgrade, { upgrade: 0 })).toEqual({ refused: 'UpgradeGoesOn' });
    registry.pass(1n);
    expect(registry.act(stranger, resumeUpgrade, { upgrade: 0 })).toEqual({ reply: null });
    expect(call().method).toBe('start_canister');
    done();
    expect(upgrade()).toMatchObject({ outcome: 'failed', code: 'MachineNotStopped' });
    takenBack();
  });

  it('that has failed is asked for again by the operator or the governor, by others after an hour', () => {
    start(secondHash);
    decide(0x22);
    tellLayout();
    prepare();
    registry.answer(call().id, rejected('timeout', 2));
    done();
    expect(upgrade()).toMatchObject({ outcome: 'failed' });
    takenBack();
    expect(start(secondHash)).toEqual({ refused: 'UpgradeFailedBefore' });
    registry.pass(registryLimits.failedPauseNs);
    expect(start(secondHash)).toEqual({ reply: '1' });
    decide(0x22);
    tellLayout();
    prepare();
    registry.answer(call().id, rejected('timeout', 2));
    done();
    takenBack();
    expect(start(secondHash)).toEqual({ refused: 'UpgradeFailedBefore' });
    expect(start(secondHash, machine, operator)).toEqual({ reply: '2' });
  });
});
