// Births: an order of 1 to 50 machines, each of which then goes its own way in steps (`birth-steps.ts`).
import { refuse } from '@tamc/base/result';
import { bytesToHexQuickly, textToBytesQuickly } from '@tamc/base/utf8';
import { sha256 } from '@tamc/protocol/hash';
import { charterLengthFault, personaFault } from '@tamc/protocol/identity-faults';
import { anonymous, managementCanister, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { isReadableText, readableTextWanted } from '@tamc/protocol/printable';
import type { Refusal } from '@tamc/protocol/refusal';
import { type Code, type RegistryEvent, registryLimits } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import { parseThing } from '@tamc/protocol/thing';
import type { Context } from '@tamc/shared/rule';
import { allowanceFault } from './allowance.ts';
import { birthCall, birthCallId } from './birth-steps.ts';
import { approvedCode, machineCodeKind, newestCode } from './code.ts';
import { anonymousFault, decided, type RegistryDecision } from './decision.ts';
import { computeFault } from './governance.ts';
import { createCanisterCall } from './management.ts';
import { cyclesLeft } from './pages.ts';
import { standingMandateNow } from './standing-mandates.ts';
import type { RegistryTables } from './state.ts';

export interface BirthArgs {
  /** Null: the caller. */
  readonly operator: PrincipalHex | null;
  readonly machineKind: string;
  readonly make: string;
  readonly model: string;
  readonly place: string;
  readonly thing: string;
  readonly charter: string;
}

export interface BirthOrder {
  /** Null: the newest approved one of the kind `machine`. */
  readonly moduleHash: string | null;
  readonly births: readonly BirthArgs[];
  /** What the registry could spend at this moment. */
  readonly cyclesAvailable: bigint;
}

/** Replies `first-count`: the numbers of its births. */
export function orderBirths(tables: RegistryTables, context: Context, order: BirthOrder): RegistryDecision<string> {
  const fault = anonymousFault(context) ?? orderFault(tables, context, order);
  if (fault !== null) return refuse(fault);
  const code = wantedCode(tables, order);
  if (code === null) return refuse(noCode(order));
  const texts = createTextKeeper(tables);
  const first = tables.births.end();
  const { birthCycles } = tables.settings.get();
  const ordered = order.births.map((args, i) => ({
    kind: 'BirthOrdered' as const,
    birth: first + i,
    ...planOf(tables, context, args, code, texts.hashOf),
    cycles: birthCycles,
  }));
  const calls = ordered.map(({ birth }) =>
    birthCall(createCanisterCall(birthCallId(birth, 0), context.self, birthCycles)),
  );
  return decided(`${first}-${order.births.length}`, [...texts.events(), ...ordered], calls);
}

function planOf(
  tables: RegistryTables,
  { caller }: Context,
  { operator, thing, charter, ...args }: BirthArgs,
  { moduleHash }: Code,
  hashOf: (text: string) => string,
) {
  // A machine that orders a machine is its parent.
  const parent = tables.machines.get(caller);
  return {
    ...args,
    by: caller,
    operator: operator ?? parent?.operator ?? caller,
    parent: parent?.canister ?? null,
    generation: parent === null ? 0 : parent.generation + 1,
    thingHash: hashOf(thing),
    charterHash: hashOf(charter),
    moduleHash,
  };
}

/** Texts are kept once: a fleet has one description and one charter. */
function createTextKeeper({ texts }: RegistryTables) {
  const hashes = new Map<string, string>();
  const events: RegistryEvent[] = [];
  return {
    hashOf: (text: string) => {
      const known = hashes.get(text);
      if (known !== undefined) return known;
      const hash = bytesToHexQuickly(sha256(textToBytesQuickly(text)));
      hashes.set(text, hash);
      if (texts.get(hash) === null) events.push({ kind: 'TextKept', hash, text });
      return hash;
    },
    events: () => events,
  };
}

function wantedCode(tables: RegistryTables, { moduleHash }: BirthOrder): Code | null {
  const code = moduleHash === null ? newestCode(tables, machineCodeKind) : approvedCode(tables, moduleHash);
  return code?.kind === machineCodeKind ? code : null;
}

function noCode({ moduleHash }: BirthOrder): Refusal {
  return moduleHash === null ? no('NoCode', { kind: machineCodeKind }) : no('CodeUnknown', { hash: moduleHash });
}

function orderFault(tables: RegistryTables, context: Context, { births, cyclesAvailable }: BirthOrder): Refusal | null {
  const { birthsPerBatchMax, machinesMax } = registryLimits;
  const count = births.length;
  if (count < 1 || count > birthsPerBatchMax)
    return no('FieldInvalid', { field: 'births', wanted: `1 to ${birthsPerBatchMax} births` });
  const { birthCycles, homeLedger, compute } = tables.settings.get();
  if (homeLedger === null) return no('NoHomeLedger');
  const unpaid = computeFault(tables, { compute });
  if (unpaid !== null) return unpaid;
  const known = tables.births.end();
  if (known + count > machinesMax) return no('TooManyMachines', { limit: machinesMax, known });
  const needed = birthCycles * BigInt(count);
  const available = cyclesLeft(tables, cyclesAvailable);
  if (needed > available) return no('CyclesMissing', { births: count, needed, available });
  return (
    allowanceFault(tables, context, count) ??
    textsFault(births) ??
    firstFault(births, (birth, i) => birthFault(birth, i, context)) ??
    operatorFault(tables, context, births) ??
    charterFault(births)
  );
}

/** A fleet shares its texts; many different ones would not fit one message. */
function textsFault(births: readonly BirthArgs[]): Refusal | null {
  const texts = new Set(births.flatMap(({ thing, charter }) => [thing, charter]));
  const charCount = [...texts].reduce((sum, { length }) => sum + length, 0);
  const { textCharsPerBatchMax } = registryLimits;
  if (charCount <= textCharsPerBatchMax) return null;
  const wanted = `births whose different texts have at most ${textCharsPerBatchMax} characters together: order fewer at once`;
  return no('FieldInvalid', { field: 'births', wanted });
}

/** Each different charter is read once: a fleet shares one, and its births may be fifty. */
function charterFault(births: readonly BirthArgs[]): Refusal | null {
  const unreadable = [...new Set(births.map(({ charter }) => charter))].find((charter) => !isReadableText(charter));
  if (unreadable === undefined) return null;
  const i = births.findIndex(({ charter }) => charter === unreadable);
  return no('FieldInvalid', { field: `births[${i}].charter`, wanted: readableTextWanted });
}

/** Machines are operated by who orders them, by the operator of the machine that does, or by whom a standing mandate says so. */
function operatorFault(
  tables: RegistryTables,
  { caller, nowNs }: Context,
  births: readonly BirthArgs[],
): Refusal | null {
  const own = [caller, tables.machines.get(caller)?.operator];
  const operators = new Set(births.flatMap(({ operator }) => operator ?? []));
  for (const operator of operators) {
    const isAllowed = own.includes(operator) || standingMandateNow(tables, operator, caller, nowNs) !== null;
    if (!isAllowed) return no('BirthForOther', { operator: principalToText(operator) });
  }
  return null;
}

function firstFault<T>(items: readonly T[], faultOf: (item: T, i: number) => Refusal | null): Refusal | null {
  for (const [i, item] of items.entries()) {
    const fault = faultOf(item, i);
    if (fault !== null) return fault;
  }
  return null;
}

/** What a machine refuses at its install is refused here, before a canister is made and paid for it. */
function birthFault(args: BirthArgs, i: number, { self }: Context): Refusal | null {
  const wrong = (field: string, wanted: string) => no('FieldInvalid', { field: `births[${i}].${field}`, wanted });
  const { operator, machineKind, thing, charter } = args;
  if (operator === anonymous || operator === managementCanister || operator === self)
    return wrong('operator', 'a person or an organisation');
  const fault = personaFault({ ...args, kind: machineKind }) ?? charterLengthFault(charter);
  if (fault !== null) return wrong(fault.field, fault.wanted);
  const parsed = parseThing(thing);
  return parsed.ok ? null : wrong('thing', `a W3C Thing Description, but ${parsed.error}`);
}
