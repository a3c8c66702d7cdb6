// The way of one upgrade: ask the machine for its decision, read its layout, have it prepare, stop it, look, install, start. Until it
// is stopped nothing is touched and a no ends it; from then on the machine is started again whatever happens.
import { IDL } from '@dfinity/candid';
import { bytesToHexQuickly, parseHexQuickly } from '@tamc/base/utf8';
import { type CandidValue, caseOf, fieldOf, isKind, readCandid } from '@tamc/protocol/candid-reader';
import { PrepareUpgradeType } from '@tamc/protocol/identity';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { type RegistryEvent, registryLimits, type Upgrade, type UpgradeStep } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { CallOutcome, Context, OutgoingCall } from '@tamc/shared/rule';
import { approvedCode } from './code.ts';
import { layoutFault } from './comparison.ts';
import { decided, type RegistryDecision } from './decision.ts';
import { answerToStatus, canisterCall, installCall } from './management.ts';
import type { RegistryTables } from './state.ts';

export function upgradeCallId(upgrade: number, calls: number): string {
  return `upgrade/${upgrade}/${calls}`;
}

type MachineMethod = 'upgrade_decision' | 'layout' | 'prepare_upgrade' | 'cancel_upgrade';
const noArguments = new Uint8Array(IDL.encode([], []));

/** Asking a machine changes nothing that a second time would change again. */
export function machineCall(
  id: string,
  machine: PrincipalHex,
  method: MachineMethod,
  argument: Uint8Array = noArguments,
): OutgoingCall {
  return { id, callee: machine, method, argument, cycles: 0n, isRepeatable: true };
}

/** For this module alone: whatever is decided after `asking`, the machine holds it against what it prepared. */
function prepareCall(id: string, machine: PrincipalHex, moduleHash: string): OutgoingCall {
  const value = [{ hash: parseHexQuickly(moduleHash)! }];
  return machineCall(id, machine, 'prepare_upgrade', new Uint8Array(IDL.encode([PrepareUpgradeType], [value])));
}

/**
 * Once: a stop that the network gives up after five minutes is rejected like a call that was not delivered, and while it is asked
 * for again and again the machine does not work. An upgrade that ends without cause is asked for again.
 */
function stopCall(id: string, machine: PrincipalHex): OutgoingCall {
  return { ...canisterCall(id, 'stop_canister', machine), attemptsMax: 1 };
}

/**
 * The machine works again at once instead of when its quiet is over by itself. Once: later it could take back what another upgrade has
 * prepared. Calls to one canister arrive in their order, so what begins after this one is prepared after it.
 */
function takeBackCall(upgrade: number, machine: PrincipalHex): OutgoingCall {
  return { ...machineCall(`unprepare/${upgrade}`, machine, 'cancel_upgrade'), isRepeatable: false, attemptsMax: 1 };
}

/** Whatever the machine says to it: should it be lost, the quiet ends by itself. */
export const takeBackOutcome = (): RegistryDecision<null> => decided(null, []);

/** It is over, and the machine has prepared, or may have without its answer having come. */
function hasMachineQuiet(
  { machines }: RegistryTables,
  number: number,
  { step, machine }: Upgrade,
  outcome: CallOutcome,
  { events }: Next,
): boolean {
  const isNewest = machines.get(machine)?.upgrade === number;
  const hasFailed = events.some(({ kind }) => kind === 'UpgradeFailed');
  const mayHavePrepared = step === 'preparing' && (outcome.kind !== 'replied' || isTooLate(events));
  return isNewest && (hasFailed || mayHavePrepared);
}

const isTooLate = (events: Next['events']): boolean =>
  events.some((event) => event.kind === 'UpgradeRefused' && event.code === 'UpgradeTooLate');

/** Not touched yet, and the machine has not answered for so long that nobody waits for it any more. */
export function isLapsed({ step, startedNs }: Upgrade, nowNs: bigint): boolean {
  const isUntouched = step === 'asking' || step === 'reading' || step === 'preparing';
  return isUntouched && nowNs - startedNs > registryLimits.upgradeLapseNs;
}

/** What follows from an outcome: events, and the step whose call is made; null when the upgrade is over or stands still. */
interface Next {
  readonly events: readonly RegistryEvent[];
  readonly onward: UpgradeStep | null;
}

export function takeUpgradeOutcome(
  tables: RegistryTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): RegistryDecision<null> {
  const [, number, calls] = id.split('/').map(Number);
  const upgrade = tables.upgrades.get(number!);
  if (upgrade === null || upgrade.calls !== calls || upgrade.outcome !== null) return decided(null, []);
  const next = after(tables, context, number!, upgrade, outcome);
  if (next.onward === null) {
    const isQuiet = hasMachineQuiet(tables, number!, upgrade, outcome, next);
    return decided(null, next.events, isQuiet ? [takeBackCall(number!, upgrade.machine)] : []);
  }
  const events = [...next.events, { kind: 'UpgradeAdvanced' as const, upgrade: number!, step: next.onward }];
  return decided(null, events, [callOf(tables, context, number!, upgrade, next.onward)]);
}

function callOf(
  tables: RegistryTables,
  { self }: Context,
  number: number,
  { machine, toHash, calls }: Upgrade,
  step: UpgradeStep,
): OutgoingCall {
  const id = upgradeCallId(number, calls + 1);
  if (step === 'reading') return machineCall(id, machine, 'layout');
  if (step === 'preparing') return prepareCall(id, machine, toHash);
  if (step === 'stopping') return stopCall(id, machine);
  if (step === 'checking' || step === 'looking') return canisterCall(id, 'canister_status', machine);
  if (step === 'starting') return canisterCall(id, 'start_canister', machine);
  const { moduleHash, chunkHashes } = tables.codes.get(toHash)!;
  return installCall(id, {
    mode: 'upgrade',
    target: machine,
    store: self,
    moduleHash,
    chunkHashes,
    argument: noArguments,
  });
}

function after(tables: RegistryTables, context: Context, number: number, upgrade: Upgrade, outcome: CallOutcome): Next {
  const { step } = upgrade;
  if (step === 'asking' || step === 'reading' || step === 'preparing') {
    const fault = isLapsed(upgrade, context.nowNs) ? tooLate() : askedFault(tables, upgrade, outcome);
    return fault === null ? { events: [], onward: following[step] } : refused(number, fault);
  }
  if (step === 'stopping') return afterStop(number, outcome);
  if (step === 'checking') return afterCheck(tables, number, upgrade, outcome);
  if (step === 'installing') return afterInstall(number, outcome);
  if (step === 'looking') return afterLook(number, upgrade, outcome);
  return afterStart(number, upgrade, outcome);
}

const following = { asking: 'reading', reading: 'preparing', preparing: 'stopping' } as const;
const methodOf = { asking: 'upgrade_decision', reading: 'layout', preparing: 'prepare_upgrade' } as const;

function tooLate(): Refusal {
  return no('UpgradeTooLate', { minutes: registryLimits.upgradeLapseNs / 60_000_000_000n });
}

/** A layout has a limit of its own; the other answers are small. */
const answerBytesMax = registryLimits.layoutCharsMax + 1024;

/** What the machine's own answer has against the upgrade. The machine is a stranger here: any answer can come. */
function askedFault(tables: RegistryTables, upgrade: Upgrade, outcome: CallOutcome): Refusal | null {
  const { step, toHash } = upgrade;
  const method = methodOf[step as keyof typeof methodOf];
  if (outcome.kind === 'rejected') return no('MachineRefused', { method, reason: outcome.message.slice(0, 300) });
  if (outcome.kind === 'unknown') return no('MachineRefused', { method, reason: 'no answer' });
  const read = readCandid(outcome.bytes, answerBytesMax);
  if (!read.ok) return no('MachineRefused', { method, reason: `an answer that cannot be read: ${read.error}` });
  const [answer] = read.value;
  const refusal = caseOf(answer, 'Err');
  if (refusal !== undefined) return no('MachineRefused', { method, reason: textOf(fieldOf(refusal, 'message')) });
  const value = caseOf(answer, 'Ok') ?? answer;
  if (step === 'asking') return decisionFault(value, toHash);
  if (step === 'preparing') return openCallFault(value);
  if (typeof value !== 'string') return no('MachineRefused', { method, reason: 'something that is no text' });
  return layoutFault(value, tables.codeTexts.get(toHash)!.layout);
}

function decisionFault(decision: CandidValue | undefined, hash: string): Refusal | null {
  const decidedFor = fieldOf(decision, 'module_hash');
  if (!(decidedFor instanceof Uint8Array)) return no('UpgradeNotDecided', { hash, reason: 'it has decided for none' });
  const other = bytesToHexQuickly(decidedFor.subarray(0, 32));
  return other === hash ? null : no('UpgradeNotDecided', { hash, reason: `it has decided for ${other}` });
}

function openCallFault(prepared: CandidValue | undefined): Refusal | null {
  const calls = fieldOf(prepared, 'open_calls');
  if (!isKind(calls, 'list'))
    return no('MachineRefused', { method: 'prepare_upgrade', reason: 'something without its open calls' });
  const [first] = calls.items;
  if (first === undefined) return null;
  const callee = fieldOf(first, 'callee');
  const name = isKind(callee, 'principal')
    ? principalToText(bytesToHexQuickly(callee.bytes) as PrincipalHex)
    : 'somebody';
  return no('UpgradeOverOpenCall', { callee: name, method: textOf(fieldOf(first, 'method')) });
}

function textOf(value: CandidValue): string {
  return typeof value === 'string' ? value.slice(0, 300) : 'something';
}

function refused(upgrade: number, { code, message }: Refusal): Next {
  return { events: [{ kind: 'UpgradeRefused', upgrade, code, problem: message }], onward: null };
}

/** From here on the machine must be started again. */
function troubled(upgrade: number, { code, message }: Refusal): Next {
  return { events: [{ kind: 'UpgradeTroubled', upgrade, code, problem: message }], onward: 'starting' };
}

function afterStop(number: number, outcome: CallOutcome): Next {
  if (outcome.kind === 'replied') return { events: [], onward: 'checking' };
  return troubled(number, no('MachineNotStopped', { reason: reasonOf(outcome) }));
}

function reasonOf(outcome: Exclude<CallOutcome, { kind: 'replied' }>): string {
  return outcome.kind === 'rejected' ? outcome.message.slice(0, 500) : 'no answer';
}

function afterCheck(tables: RegistryTables, number: number, { fromHash, toHash }: Upgrade, outcome: CallOutcome): Next {
  const status = outcome.kind === 'replied' ? answerToStatus(outcome.bytes) : null;
  if (status?.isStopped !== true) return troubled(number, no('MachineNotStopped', { reason: 'its status is another' }));
  if (status.moduleHash === toHash) return installed(number);
  // It may have retired since: what nobody may install any more is not installed because somebody began before.
  if (approvedCode(tables, toHash) === null) return troubled(number, no('CodeUnknown', { hash: toHash }));
  if (status.moduleHash === fromHash) return { events: [], onward: 'installing' };
  return troubled(number, no('OtherCodeFound', { found: status.moduleHash ?? 'none' }));
}

function installed(upgrade: number): Next {
  return { events: [{ kind: 'UpgradeInstalled', upgrade }], onward: 'starting' };
}

function afterInstall(number: number, outcome: CallOutcome): Next {
  if (outcome.kind === 'replied') return installed(number);
  if (outcome.kind === 'unknown') return { events: [], onward: 'looking' };
  return troubled(number, no('NewCodeTrapped', { reason: reasonOf(outcome) }));
}

/** The answer of the install is lost: what runs says what became of it. */
function afterLook(number: number, { toHash }: Upgrade, outcome: CallOutcome): Next {
  const status = outcome.kind === 'replied' ? answerToStatus(outcome.bytes) : null;
  // Which code runs is not guessed: whoever resumes the upgrade has it looked up again.
  if (status === null)
    return stalled(number, outcome.kind === 'replied' ? 'a status that cannot be read' : reasonOf(outcome));
  if (status.moduleHash === toHash) return installed(number);
  return troubled(number, no('NewCodeTrapped', { reason: 'the answer of the install is lost, and the old one runs' }));
}

function afterStart(upgrade: number, { isInstalled, machine, toHash }: Upgrade, outcome: CallOutcome): Next {
  if (outcome.kind !== 'replied') return stalled(upgrade, reasonOf(outcome));
  const event: RegistryEvent = isInstalled
    ? { kind: 'MachineUpgraded', upgrade, machine, moduleHash: toHash }
    : { kind: 'UpgradeFailed', upgrade };
  return { events: [event], onward: null };
}

function stalled(upgrade: number, problem: string): Next {
  return { events: [{ kind: 'UpgradeStalled', upgrade, problem }], onward: null };
}
