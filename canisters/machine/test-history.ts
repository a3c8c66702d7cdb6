// Random lives of a machine's device side: steps as data, and each step as a message that the rules in Node and the Wasm both take.

import type { Result } from '@tamc/base/result';
import { sha256 } from '@tamc/protocol/hash';
import { checkTerms, type MandateTerms, mandateTermsToCandid } from '@tamc/protocol/mandate';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { hexToPrincipal } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { type CandidReportBody, parseReport } from '@tamc/protocol/report';
import { payloadHash } from '@tamc/protocol/request';
import fc from 'fast-check';
import { bytesOf } from './candid.ts';
import { report } from './commands/reports.ts';
import { command } from './commands/rules.ts';
import { acceptControl, keepControl, offerControl, releaseControl, takeControl } from './control/rules.ts';
import { confirmKey, enrol, issueEnrolment, revokeDevice, rotateKey } from './devices/rules.ts';
import { acceptOperation, approveUpgrade, cancelUpgrade, offerOperation, prepareUpgrade } from './identity/rules.ts';
import type { MachineRule } from './machine.ts';
import { releaseStop, stop } from './stop/rules.ts';
import {
  codeOf,
  digest,
  keyOf,
  ledger,
  operator,
  registry,
  secondNs,
  stranger,
  type TestMachine,
} from './test-machine.ts';
import { approveRequest } from './wallet/approve.ts';
import { ask, type WantedAct } from './wallet/ask.ts';
import { declineRequest } from './wallet/requests.ts';

export const people = [operator, keyOf('ann'), keyOf('bob'), keyOf('key 0'), keyOf('key 1'), keyOf('key 2')] as const;
const hands = [operator, keyOf('ann'), keyOf('bob')] as const;
const everybody = [...people, registry, stranger];

export interface Step {
  /** Four in five are sent by somebody who may, so that a life gets somewhere; the others by `stranger`, who may be anybody. */
  readonly luck: number;
  readonly stranger: PrincipalHex;
  readonly other: PrincipalHex;
  readonly number: number;
  readonly seconds: number;
  readonly kind: (typeof kinds)[number];
}

const kinds = [
  ...[
    'pass',
    'command',
    'command',
    'command',
    'accepted',
    'acted',
    'confirmed',
    'failed',
    'heartbeat',
    'condition',
    'meter',
  ],
  ...['gap', 'take', 'take', 'keep', 'release', 'offer', 'accept', 'stop', 'release stop', 'issue', 'issue', 'enrol'],
  ...['enrol', 'rotate', 'confirm', 'revoke', 'offer operation', 'accept operation', 'approve', 'prepare', 'cancel'],
  ...['ask', 'ask', 'ask release', 'ask release', 'decide', 'decide', 'decline'],
] as const;

export const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  luck: fc.nat({ max: 4 }),
  stranger: fc.constantFrom(...everybody),
  other: fc.constantFrom(...everybody),
  number: fc.nat({ max: 6 }),
  seconds: fc.constantFrom(1, 1, 5, 20, 20, 45, 90, 600),
  kind: fc.constantFrom(...kinds),
});

export type Act = <C, R>(rule: MachineRule<C, R>, command: C) => Result<R, Refusal>;

export type Once = <C>(rule: MachineRule<C, string>, command: C) => Result<string, Refusal>;

export interface Message {
  readonly method: string;
  readonly values: readonly unknown[];
  /** Set where the method takes one: then the rule replies with a subject. */
  readonly commandId: string | null;
  act(act: Act): Result<unknown, Refusal>;
  /** For a method with a command id. */
  once?(once: Once): Result<unknown, Refusal>;
}

export function stepToCaller({ luck, stranger: anybody, kind, number }: Step, { tables }: TestMachine): PrincipalHex {
  if (luck === 0) return anybody;
  const { devices } = tables.fleet.get();
  const device = tables.devices.get(devices[number % Math.max(1, devices.length)] ?? 0);
  const lease = tables.lease.get();
  const { operator: boss, offeredTo } = tables.roles.get()!;
  switch (kind) {
    case 'enrol':
      return keyOf(`key ${number % 3}`);
    case 'confirm':
      return device?.nextKey ?? boss;
    case 'accept':
      return lease?.offeredTo ?? boss;
    case 'accept operation':
      return offeredTo ?? boss;
    case 'prepare':
      return registry;
    case 'keep':
    case 'release':
    case 'offer':
      return lease?.holder ?? boss;
    case 'command':
    case 'take':
    case 'ask':
    case 'ask release':
      return hands[number % 3]!;
    default:
      return ofOperator.has(kind) ? boss : (device?.key ?? boss);
  }
}

const ofOperator = new Set<string>([
  'decide',
  'decline',
  'issue',
  'revoke',
  'release stop',
  'offer operation',
  'approve',
  'cancel',
]);

/** Null: only time passes. */
export function stepToMessage(step: Step, machine: TestMachine, id: number): Message | null {
  const { number, seconds, other } = step;
  const nowNs = machine.now();
  const expiresNs = nowNs + BigInt(seconds) * 10n * secondNs;
  const name = `key ${number % 3}`;
  switch (step.kind) {
    case 'pass':
      return null;
    case 'command': {
      const action = ['wash', 'drain', 'start', 'wash', 'wash', 'safe', 'fly'][number]!;
      const device = number < 4 ? null : number - 3;
      const command_id = `command ${id}`;
      const values = [
        { command_id, action, arguments: '{"n":1}', device: device === null ? [] : [device], expires_ns: expiresNs },
      ];
      const wanted = { action, arguments: '{"n":1}', device, expiresNs };
      return {
        method: 'command',
        values,
        commandId: command_id,
        act: (act) => act(command, wanted),
        once: (once) => once(command, wanted),
      };
    }
    case 'take':
      return message(
        'take_control',
        [{ timeout_ns: BigInt(seconds) * secondNs }],
        takeControl,
        BigInt(seconds) * secondNs,
      );
    case 'keep':
      return message('keep_control', [], keepControl, undefined);
    case 'release':
      return message('release_control', [], releaseControl, undefined);
    case 'offer':
      return offerMessage(step.luck === 0 ? other : hands[(number + 1) % 3]!);
    case 'accept':
      return message('accept_control', [], acceptControl, undefined);
    case 'stop':
      return message('stop', [{ reason: name }], stop, name);
    case 'release stop':
      return message('release_stop', [], releaseStop, undefined);
    case 'issue': {
      const codeHash = sha256(codeOf(name));
      const values = [{ code_hash: codeHash, label: name, expires_ns: expiresNs }];
      return message('issue_enrolment', values, issueEnrolment, { codeHash, label: name, expiresNs });
    }
    case 'enrol':
      return message('enrol', [{ code: codeOf(name) }], enrol, codeOf(name));
    case 'rotate':
      return message('rotate_key', [{ next: hexToPrincipal(keyOf(name)) }], rotateKey, keyOf(name));
    case 'confirm':
      return message('confirm_key', [], confirmKey, undefined);
    case 'revoke':
      return message('revoke_device', [{ device: number + 1, reason: '' }], revokeDevice, {
        device: number + 1,
        reason: '',
      });
    case 'offer operation':
      return message('offer_operation', [{ to: [hexToPrincipal(other)] }], offerOperation, other);
    case 'accept operation':
      return message('accept_operation', [], acceptOperation, undefined);
    case 'approve':
      return message('approve_upgrade', [{ hash: bytesOf(digest) }], approveUpgrade, bytesOf(digest));
    case 'prepare':
      return message('prepare_upgrade', [[{ hash: bytesOf(digest) }]], prepareUpgrade, bytesOf(digest));
    case 'cancel':
      return message('cancel_upgrade', [], cancelUpgrade, undefined);
    case 'ask':
    case 'ask release':
      return askMessage(step, nowNs, `ask ${id}`);
    case 'decide':
      return decideMessage(machine, machine.tables.requests.end() - 1 - (number % 3), step.luck === 1);
    case 'decline': {
      const given = { request: Math.max(0, machine.tables.requests.end() - 1 - number) };
      return message('decline', [given], declineRequest, given);
    }
    default:
      return reportMessage(step, machine);
  }
}

/** For another or for nobody in particular; whom the operator trusts is not the question here. */
function askMessage({ kind, other, number }: Step, nowNs: bigint, commandId: string): Message {
  const delegate = number < 4 ? hands[1 + (number % 2)]! : other;
  const terms: MandateTerms = {
    label: `asked ${number}`,
    ledger,
    amountMin: 0n,
    amountMax: BigInt(number),
    budgetAmount: 10n,
    budgetPeriodNs: 3_600n * secondNs,
    recurrence: number,
    allowedPayees: null,
    allowedPurposes: number === 0 ? [] : null,
    notBeforeNs: 0n,
    expiresNs: nowNs + BigInt(number) * 3_600n * secondNs + 1n,
    reserveFloor: 0n,
    askAbove: 0n,
    powers: ['control', 'command', 'enrol'],
  };
  const isRelease = kind === 'ask release';
  const grant = { delegate: hexToPrincipal(delegate), terms: mandateTermsToCandid(terms) };
  const candid = isRelease ? { release_stop: null } : { grant_mandate: grant };
  const act: WantedAct = isRelease
    ? { kind: 'releaseStop' }
    : { kind: 'grantMandate', delegate, terms: checkTerms(terms) };
  const reason = number === 6 ? 'two\nlines' : 'it is needed';
  const wanted = { commandId, act, reason };
  return {
    method: 'ask',
    values: [{ command_id: commandId, act: candid, reason }],
    commandId,
    act: (act) => act(ask, wanted),
    once: (once) => once(ask, wanted),
  };
}

/** Approved, sometimes under another hash; nothing is there to be paid, so no call goes out. */
function decideMessage({ tables }: TestMachine, newest: number, isWrong: boolean): Message {
  const request = Math.max(0, newest);
  const found = tables.requests.get(request);
  const hash = found === null || isWrong ? sha256(codeOf('wrong')) : payloadHash(found.payload);
  return message('approve', [{ request, payload_hash: hash }], approveRequest, { request, hash });
}

function offerMessage(to: PrincipalHex): Message {
  return message('offer_control', [{ to: [hexToPrincipal(to)] }], offerControl, to);
}

function message<C, R>(method: string, values: readonly unknown[], rule: MachineRule<C, R>, given: C): Message {
  return { method, values, commandId: null, act: (act) => act(rule, given) };
}

function reportMessage(step: Step, machine: TestMachine): Message {
  const { tables } = machine;
  const { kind, number } = step;
  const caller = stepToCaller(step, machine);
  const last = tables.devices.get(tables.deviceKeys.get(caller) ?? 0)?.lastSequence ?? 0;
  const { open, next } = tables.commandQueue.get();
  const target = open[number % Math.max(1, open.length)]?.command ?? next - number;
  const sequence = kind === 'gap' ? last + number : last + 1;
  const given = { sequence, at_ns: machine.now(), body: bodyOf(kind, Math.max(0, target), `part ${number}`) };
  return {
    method: 'report',
    values: [[given]],
    commandId: null,
    act: (act) => {
      const parsed = parseReport(given);
      return parsed.ok ? act(report, parsed.value) : parsed;
    },
  };
}

function bodyOf(kind: Step['kind'], target: number, part: string): CandidReportBody {
  const evidence = bytesOf(digest);
  if (kind === 'accepted') return { accepted: { command: target } };
  if (kind === 'acted') return { acted: { command: target } };
  if (kind === 'confirmed') return { confirmed: { command: target, quantity: 5n, evidence } };
  if (kind === 'failed') return { failed: { command: target, reason: 'no water', evidence: [] } };
  if (kind === 'meter') return { meter: { meter: part, value: 7n, unit: 'Wh', evidence } };
  if (kind !== 'condition') return { heartbeat: null };
  const judged = { part, verdict: { watch: null }, confidence_ppm: 1, wear_ppm: [2] as [number], fault: [] as [] };
  return { condition: { ...judged, model_hash: evidence, input_digest: evidence } };
}
