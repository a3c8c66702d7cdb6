// Upgrades: anybody may ask for one, and it happens only when the machine itself has decided for this module. What can be compared
// without the machine is compared first; `upgrade-steps.ts` goes the rest of the way.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import {
  type Code,
  type RegisteredMachine,
  type RegistryEvent,
  registryLimits,
  type Upgrade,
} from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { Context } from '@tamc/shared/rule';
import { approvedCode } from './code.ts';
import { compare, comparisonFault, knownComparison } from './comparison.ts';
import { anonymousFault, decided, type RegistryDecision } from './decision.ts';
import { canisterCall } from './management.ts';
import type { RegistryTables } from './state.ts';
import { isLapsed, machineCall, upgradeCallId } from './upgrade-steps.ts';

export interface UpgradeCommand {
  readonly machine: PrincipalHex;
  readonly moduleHash: string;
}

/** Before `startUpgrade`, in a decision of its own: what is found is kept also when the upgrade is refused for it. */
export function compareFirst(
  tables: RegistryTables,
  context: Context,
  command: UpgradeCommand,
): RegistryDecision<null> {
  const asked = possibleUpgrade(tables, context, command);
  if (!asked.ok) return decided(null, []);
  const { moduleHash: fromHash } = asked.value;
  const { moduleHash: toHash } = command;
  if (knownComparison(tables, fromHash, toHash) !== undefined) return decided(null, []);
  return decided(null, [{ kind: 'CodesCompared', fromHash, toHash, fault: compare(tables, fromHash, toHash) }]);
}

/** Replies the upgrade's number. */
export function startUpgrade(
  tables: RegistryTables,
  context: Context,
  command: UpgradeCommand,
): RegistryDecision<string> {
  const asked = possibleUpgrade(tables, context, command);
  if (!asked.ok) return asked;
  const { machine: id, moduleHash } = command;
  const { moduleHash: fromHash } = asked.value;
  const fault = comparisonFault(tables, fromHash, moduleHash);
  if (fault !== null) return refuse(fault);
  const upgrade = tables.upgrades.end();
  const call = machineCall(upgradeCallId(upgrade, 0), id, 'upgrade_decision');
  return decided(
    `${upgrade}`,
    [{ kind: 'UpgradeStarted', upgrade, machine: id, fromHash, toHash: moduleHash }],
    [call],
  );
}

function possibleUpgrade(
  tables: RegistryTables,
  context: Context,
  { machine: id, moduleHash }: UpgradeCommand,
): Result<RegisteredMachine, Refusal> {
  const machine = tables.machines.get(id);
  if (machine === null) return refuse(no('MachineUnknown', { machine: principalToText(id) }));
  const code = approvedCode(tables, moduleHash);
  if (code === null) return refuse(no('CodeUnknown', { hash: moduleHash }));
  const fault =
    anonymousFault(context) ??
    sameFault(tables, machine, code) ??
    runningFault(tables, context, machine) ??
    failedFault(tables, context, machine, moduleHash);
  return fault === null ? ok(machine) : refuse(fault);
}

/** Anybody may: it only brings the machine back to work. */
export function resumeUpgrade(
  tables: RegistryTables,
  context: Context,
  { upgrade: number }: { readonly upgrade: number },
): RegistryDecision<null> {
  const fault = anonymousFault(context);
  if (fault !== null) return refuse(fault);
  const upgrade = tables.upgrades.get(number);
  if (upgrade === null) return refuse(no('UpgradeUnknown', { upgrade: number }));
  const isHanging = isStopHanging(upgrade, context.nowNs);
  if (!upgrade.isStalled && !isHanging) return refuse(no('UpgradeGoesOn', { upgrade: number, step: upgrade.step }));
  const givenUp: RegistryEvent[] = isHanging ? [{ kind: 'UpgradeStopGivenUp', upgrade: number, ...hanging }] : [];
  const step = upgrade.step === 'looking' ? 'looking' : 'starting';
  const call = canisterCall(
    upgradeCallId(number, upgrade.calls + 1),
    step === 'looking' ? 'canister_status' : 'start_canister',
    upgrade.machine,
  );
  return decided(null, [...givenUp, { kind: 'UpgradeAdvanced', upgrade: number, step }], [call]);
}

const { code, message: problem } = no('MachineNotStopped', { reason: 'a call of it is never answered' });
const hanging = { code, problem };

/** The network gives up a stop after five minutes. Should that answer never come, the machine still is brought back to work. */
function isStopHanging({ step, changedNs }: Upgrade, nowNs: bigint): boolean {
  return step === 'stopping' && nowNs - changedNs > registryLimits.stopPatienceNs;
}

function sameFault(tables: RegistryTables, { canister, moduleHash }: RegisteredMachine, code: Code): Refusal | null {
  const machine = principalToText(canister);
  if (moduleHash === code.moduleHash) return no('UpgradeNotNeeded', { machine, hash: moduleHash });
  const runs = tables.codes.get(moduleHash)!.kind;
  return runs === code.kind ? null : no('OtherKind', { hash: code.moduleHash, kind: code.kind, runs });
}

function runningFault({ upgrades }: RegistryTables, { nowNs }: Context, machine: RegisteredMachine): Refusal | null {
  const { upgrade: number } = machine;
  const upgrade = number === null ? null : upgrades.get(number);
  if (number === null || upgrade === null || upgrade.outcome !== null || isLapsed(upgrade, nowNs)) return null;
  return no('UpgradeRunning', { upgrade: number, step: upgrade.step });
}

/** Each try stops the machine for a moment: what has failed is tried again at once only by those who answer for it. */
function failedFault(
  { upgrades, settings }: RegistryTables,
  { caller, nowNs }: Context,
  { upgrade: number, operator }: RegisteredMachine,
  toHash: string,
): Refusal | null {
  const last = number === null ? null : upgrades.get(number);
  const hasFailed = last !== null && last.outcome === 'failed' && last.toHash === toHash;
  const isLongAgo = last !== null && nowNs - last.changedNs >= registryLimits.failedPauseNs;
  if (!hasFailed || isLongAgo || caller === operator || caller === settings.get().governor) return null;
  return no('UpgradeFailedBefore', { upgrade: number!, operator: principalToText(operator) });
}
