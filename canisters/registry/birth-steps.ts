// The way of one birth: create a canister, install the module, hand it to itself, register it. Each step waits for the outcome of
// one call; what fails stands still with its reason and can be resumed. A canister is never created twice for one birth.
import { IDL } from '@dfinity/candid';
import { refuse } from '@tamc/base/result';
import { MachineInitType } from '@tamc/protocol/identity';
import { type CandidGrant, mandateTermsToCandid } from '@tamc/protocol/mandate';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { type Birth, type BirthStep, type RegistryEvent, registryLimits } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { CallOutcome, Context, OutgoingCall } from '@tamc/shared/rule';
import { approvedCode, newestCode } from './code.ts';
import { decided, governorFault, type RegistryDecision } from './decision.ts';
import { ledgersInUse, moneyTermsToCandid } from './ledgers.ts';
import {
  answerToCanister,
  answerToStatus,
  canisterCall,
  createCanisterCall,
  installCall,
  setControllersCall,
} from './management.ts';
import { cyclesLeft } from './pages.ts';
import { standingMandateNow } from './standing-mandates.ts';
import type { RegistryTables } from './state.ts';

/** Counts the calls of a birth, so that a late outcome of an earlier one is known as such. */
export function birthCallId(birth: number, calls: number): string {
  return `birth/${birth}/${calls}`;
}

/**
 * Tried again after two seconds and after ten: a full queue is past by then. What lasts longer, a canister without the cycles for
 * its install, is told while somebody looks, and resumed when it is mended.
 */
const attemptsMax = 3;

export function birthCall(call: OutgoingCall): OutgoingCall {
  return { ...call, attemptsMax };
}

export function takeBirthOutcome(
  tables: RegistryTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): RegistryDecision<null> {
  const [, number, calls] = id.split('/').map(Number);
  const birth = tables.births.get(number!);
  if (birth === null || birth.calls !== calls || birth.problem !== null) return decided(null, []);
  const next = withCode(tables, number!, birth, after(birth, number!, outcome));
  const { moduleHash = birth.moduleHash } = next;
  const onward = next.onward === null ? [] : [callOf(tables, context, number!, { ...birth, moduleHash }, next)];
  return decided(null, next.events, onward);
}

/**
 * What may be installed no more is not, because somebody began before: the birth stands still. Where nothing was found in a canister,
 * as when it is resumed, the newest code takes its place.
 */
function withCode(tables: RegistryTables, number: number, birth: Birth, { event, ...next }: Next): NextWithCode {
  if (next.onward !== 'installing' || approvedCode(tables, birth.moduleHash) !== null)
    return { ...next, events: [event] };
  const newest = newestCode(tables, tables.codes.get(birth.moduleHash)!.kind);
  if (newest === null || event.kind !== 'BirthAdvanced') {
    const known = event.kind === 'BirthAdvanced' ? [] : [event];
    const reason = `its code ${birth.moduleHash} has retired; resumed, it gets the newest one that is approved`;
    return { ...next, onward: null, events: [...known, failed(number, reason).event] };
  }
  const { moduleHash } = newest;
  return { ...next, moduleHash, events: [{ ...event, moduleHash }] };
}

interface Next {
  readonly event: RegistryEvent;
  /** The step that is now under way; null when none is. */
  readonly onward: BirthStep | null;
  readonly canister: PrincipalHex | null;
}

interface NextWithCode extends Omit<Next, 'event'> {
  readonly events: readonly RegistryEvent[];
  /** Of the code in the place of what was ordered. */
  readonly moduleHash?: string;
}

function after(birth: Birth, number: number, outcome: CallOutcome): Next {
  if (outcome.kind === 'rejected') return failed(number, `${words[birth.step]} was rejected: ${outcome.message}`);
  if (outcome.kind === 'unknown') return afterUnknown(birth, number);
  if (birth.step === 'creating') {
    const canister = answerToCanister(outcome.bytes);
    if (canister === null) return failed(number, 'the answer names no canister', true);
    return { event: { kind: 'CanisterCreated', birth: number, canister }, onward: 'installing', canister };
  }
  if (birth.step === 'installing') return advanced(birth, number, 'handing');
  if (birth.step === 'looking') return afterLook(birth, number, outcome.bytes);
  const { canister, operator } = birth;
  return { event: { kind: 'MachineRegistered', birth: number, canister: canister!, operator }, onward: null, canister };
}

const words: Readonly<Record<BirthStep, string>> = {
  creating: 'create_canister',
  installing: 'install_chunked_code',
  looking: 'canister_status',
  handing: 'update_settings',
  born: 'nothing',
};

/** Whether the code was installed can be looked up; whether a canister was created cannot. */
function afterUnknown(birth: Birth, number: number): Next {
  if (birth.step === 'creating') return failed(number, 'nobody knows whether the canister was created', true);
  return birth.step === 'installing'
    ? advanced(birth, number, 'looking')
    : failed(number, `${words[birth.step]} was never answered`);
}

function afterLook(birth: Birth, number: number, bytes: Uint8Array): Next {
  const status = answerToStatus(bytes);
  if (status === null) return failed(number, 'the status of the canister cannot be read');
  if (status.moduleHash === birth.moduleHash) return advanced(birth, number, 'handing');
  if (status.moduleHash === null) return advanced(birth, number, 'installing');
  return failed(number, `the canister has the module ${status.moduleHash}, which was not installed by this birth`);
}

function advanced({ canister }: Birth, birth: number, step: BirthStep): Next {
  return { event: { kind: 'BirthAdvanced', birth, step, moduleHash: null }, onward: step, canister };
}

function failed(birth: number, problem: string, isUnknown = false): Next {
  return {
    event: { kind: 'BirthFailed', birth, problem: problem.slice(0, 500), isUnknown },
    onward: null,
    canister: null,
  };
}

/** The call that makes a step; `birth.calls` counts those before it. */
function callOf(...given: Parameters<typeof stepCall>): OutgoingCall {
  return birthCall(stepCall(...given));
}

function stepCall(
  tables: RegistryTables,
  context: Context,
  number: number,
  birth: Birth,
  { onward, canister }: Pick<Next, 'onward' | 'canister'>,
): OutgoingCall {
  const { self } = context;
  const id = birthCallId(number, birth.calls + 1);
  if (onward === 'creating' || canister === null) return createCanisterCall(id, self, birth.cycles);
  if (onward === 'looking') return canisterCall(id, 'canister_status', canister);
  if (onward === 'handing') return setControllersCall(id, canister, [canister, self]);
  const { moduleHash, chunkHashes } = tables.codes.get(birth.moduleHash)!;
  const argument = initArgument(tables, context, birth);
  return installCall(id, { mode: 'install', target: canister, store: self, moduleHash, chunkHashes, argument });
}

function initArgument(tables: RegistryTables, context: Context, birth: Birth): Uint8Array {
  const { home_ledger, ...money } = moneyTermsToCandid(tables);
  const { parent, machineKind, make, model, place, generation } = birth;
  const init = {
    registry: hexToPrincipal(context.self),
    operator: hexToPrincipal(birth.operator),
    kind: machineKind,
    make,
    model,
    place,
    generation,
    thing: tables.texts.get(birth.thingHash)!,
    charter: tables.texts.get(birth.charterHash)!,
    parent: parent === null ? [] : [hexToPrincipal(parent)],
    ...money,
    home_ledger: home_ledger[0]!,
    mandates: mandatesOf(tables, context, birth),
  };
  return new Uint8Array(IDL.encode([MachineInitType], [init]));
}

/** Why the call that is under way was not answered when it was last sent. */
export function lastReject({ outbox }: RegistryTables, number: number, birth: Birth): string | null {
  if (birth.step === 'born' || birth.problem !== null) return null;
  return outbox.get(birthCallId(number, birth.calls))?.lastReject ?? null;
}

/** What its operator said beforehand about who ordered it, if that still stands and the machine has the ledger. */
function mandatesOf(tables: RegistryTables, { nowNs }: Context, { operator, by }: Birth): CandidGrant[] {
  const terms = standingMandateNow(tables, operator, by, nowNs);
  if (terms === null || !ledgersInUse(tables).some(({ id }) => id === terms.ledger)) return [];
  return [{ delegate: hexToPrincipal(by), terms: mandateTermsToCandid(terms) }];
}

/** Whoever ordered it, or the governor. All of them or none. */
export function resumeBirths(
  tables: RegistryTables,
  context: Context,
  { births, cyclesAvailable }: { readonly births: readonly number[]; readonly cyclesAvailable: bigint },
): RegistryDecision<null> {
  const { birthsPerBatchMax } = registryLimits;
  if (births.length > birthsPerBatchMax)
    return refuse(no('FieldInvalid', { field: 'births', wanted: `at most ${birthsPerBatchMax} numbers` }));
  const numbers = [...new Set(births)];
  const found = numbers.map((number) => ({ number, birth: tables.births.get(number) }));
  const steps: { number: number; birth: Birth; step: BirthStep }[] = [];
  for (const { number, birth } of found) {
    if (birth === null) return refuse(no('BirthUnknown', { birth: number }));
    const fault = resumeFault(tables, context, number, birth);
    if (fault !== null) return refuse(fault);
    steps.push({ number, birth, step: birth.step === 'installing' ? 'looking' : birth.step });
  }
  const toCreate = steps.filter(({ step }) => step === 'creating');
  const needed = toCreate.reduce((sum, { birth }) => sum + birth.cycles, 0n);
  const available = cyclesLeft(tables, cyclesAvailable);
  if (needed > available) return refuse(no('CyclesMissing', { births: toCreate.length, needed, available }));
  return resumed(tables, context, steps);
}

function resumed(
  tables: RegistryTables,
  context: Context,
  steps: readonly { number: number; birth: Birth; step: BirthStep }[],
): RegistryDecision<null> {
  const events = steps.map(({ number, step }) => ({ kind: 'BirthResumed' as const, birth: number, step }));
  const calls = steps.map(({ number, birth, step }) =>
    callOf(tables, context, number, birth, { onward: step, canister: birth.canister }),
  );
  return decided(null, events, calls);
}

function resumeFault(tables: RegistryTables, context: Context, number: number, birth: Birth): Refusal | null {
  const by = principalToText(birth.by);
  if (birth.by !== context.caller && governorFault(tables, context) !== null)
    return no('NotYourBirth', { birth: number, by });
  if (birth.problem === null) return no('BirthGoesOn', { birth: number, step: birth.step });
  return birth.isUnknown ? no('BirthOutcomeUnknown', { birth: number }) : null;
}

/** The governor found out what became of it: the canister that was created, or none, and then another is. */
export function settleBirth(
  tables: RegistryTables,
  context: Context,
  { birth: number, canister }: { readonly birth: number; readonly canister: PrincipalHex | null },
): RegistryDecision<null> {
  const fault = governorFault(tables, context);
  if (fault !== null) return refuse(fault);
  const birth = tables.births.get(number);
  if (birth === null) return refuse(no('BirthUnknown', { birth: number }));
  if (!isToBeSettled(birth)) return refuse(no('BirthGoesOn', { birth: number, step: birth.step }));
  if (canister === null) return resumed(tables, context, [{ number, birth, step: 'creating' }]);
  if (tables.machines.get(canister) !== null) return refuse(no('MachineKnown', { machine: principalToText(canister) }));
  const next = { onward: 'looking', canister } as const;
  // Two facts: its id, and that it is looked at before anything is installed.
  return decided(
    null,
    [
      { kind: 'CanisterCreated', birth: number, canister },
      { kind: 'BirthResumed', birth: number, step: 'looking' },
    ],
    [callOf(tables, context, number, { ...birth, calls: birth.calls + 1 }, next)],
  );
}

/** Nobody knows its canister, or the one that was named cannot be looked at: a slip of the pen must not last. */
function isToBeSettled({ isUnknown, step, problem }: Birth): boolean {
  return isUnknown || (step === 'looking' && problem !== null);
}
