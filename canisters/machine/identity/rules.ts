// Birth, description, charter, who operates the machine, and what it decided about its next code.

import { refuse } from '@tamc/base/result';
import { bytesToHexQuickly, textToBytesQuickly } from '@tamc/base/utf8';
import { sha256 } from '@tamc/protocol/hash';
import { identityLimits as limits, identityRefusals as no } from '@tamc/protocol/identity';
import { charterFault } from '@tamc/protocol/identity-faults';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { parseThing } from '@tamc/protocol/thing';
import type { Context } from '@tamc/shared/rule';
import { openCalls } from '@tamc/shared/saga/outbox';
import { decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isDevice, isNobody, operatorOf, operatorText, requireOperator, requirePower, rolesOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { revokeAll } from '../wallet/grant.ts';
import { cancelOfPowerless } from '../wallet/powerless.ts';
import { declineAll } from '../wallet/requests.ts';
import { handoverCall } from './handover.ts';
import { approvedUpgrade } from './upgrade.ts';

export function describe(tables: MachineTables, context: Context, thing: string): MachineDecision<null> {
  const refusal = requirePower(tables, context, 'describe');
  if (refusal !== null) return refuse(refusal);
  const described = describedAs(thing);
  return described.ok ? decided(null, [described.event]) : refuse(described.refusal);
}

export function setCharter(tables: MachineTables, context: Context, charter: string): MachineDecision<null> {
  const refusal = requirePower(tables, context, 'describe') ?? unfitCharter(charter);
  return refusal === null ? decided(null, [chartered(charter)]) : refuse(refusal);
}

/** Null takes the offer back. */
export function offerOperation(
  tables: MachineTables,
  context: Context,
  to: PrincipalHex | null,
): MachineDecision<null> {
  const refusal = requireOperator(tables, context) ?? (to === null ? null : operatorFault(tables, context, to));
  if (refusal !== null) return refuse(refusal);
  return rolesOf(tables).offeredTo === to ? decided(null) : decided(null, [{ kind: 'OperationOffered', to }]);
}

/**
 * The second step by the new one itself, so that the machine never ends up with somebody who cannot sign. What the old operator
 * allowed was its own trust: mandates, unused enrolment codes and an approved upgrade end with it, and what was asked of it; so do
 * commands that no device has begun.
 */
export function acceptOperation(tables: MachineTables, context: Context): MachineDecision<null> {
  const { operator, offeredTo } = rolesOf(tables);
  if (context.caller === operator) return decided(null);
  if (context.caller !== offeredTo) return refuse(no('NothingOffered', { operator: operatorText(tables) }));
  const refusal = operatorFault(tables, context, context.caller);
  if (refusal !== null) return refuse(refusal);
  const accepted: MachineEvent = { kind: 'OperationAccepted', operator: offeredTo };
  const cancelled = cancelOfPowerless(tables, context, (who) => who !== offeredTo);
  const ended = [...revokeAll(tables), ...declineAll(tables, context), ...withdrawn(tables, context)];
  const { events, calls } = cancelled;
  return decided(null, [accepted, ...ended, ...events], [handoverCall(tables, offeredTo), ...calls]);
}

function withdrawn(tables: MachineTables, { nowNs }: Context): readonly MachineEvent[] {
  const codes = tables.enrolments.get().map(({ codeHash }): MachineEvent => ({ kind: 'EnrolmentWithdrawn', codeHash }));
  return approvedUpgrade(tables, nowNs) === null
    ? codes
    : [...codes, { kind: 'UpgradeWithdrawn', isApprovalKept: false }];
}

export function approveUpgrade(tables: MachineTables, context: Context, moduleHash: Uint8Array): MachineDecision<null> {
  const refusal = requireOperator(tables, context);
  if (refusal !== null) return refuse(refusal);
  if (moduleHash.length !== 32)
    return refuse(no('FieldInvalid', { field: 'hash', wanted: 'the 32 bytes of a SHA-256' }));
  const expiresNs = context.nowNs + limits.approvalNs;
  return decided(null, [{ kind: 'UpgradeApproved', moduleHash: bytesToHexQuickly(moduleHash), expiresNs }]);
}

/**
 * By the registry, just before it stops the machine. From now on nothing new is started, for ten minutes at most; but while a call is
 * open the registry goes no further, and then the machine goes on working: anybody may ask for an upgrade, as often as he likes.
 */
export function prepareUpgrade(
  tables: MachineTables,
  context: Context,
  hash: Uint8Array | null,
): MachineDecision<bigint> {
  const { registry } = rolesOf(tables);
  if (context.caller !== registry) return refuse(no('NotRegistry', { registry: principalToText(registry) }));
  const moduleHash = hash === null ? null : bytesToHexQuickly(hash);
  if (moduleHash === null || approvedUpgrade(tables, context.nowNs)?.moduleHash !== moduleHash)
    return refuse(no('UpgradeNotApproved', { operator: operatorText(tables) }));
  const quietUntilNs = openCalls(tables).length > 0 ? 0n : context.nowNs + limits.quietNs;
  return decided(quietUntilNs, [{ kind: 'UpgradePrepared', quietUntilNs, moduleHash }]);
}

/** The operator withdraws the approval; the registry only gives up and lets the machine work again. */
export function cancelUpgrade(tables: MachineTables, context: Context): MachineDecision<null> {
  const isRegistry = context.caller === rolesOf(tables).registry;
  const refusal = isRegistry ? null : requireOperator(tables, context);
  return refusal === null ? decided(null, [{ kind: 'UpgradeWithdrawn', isApprovalKept: isRegistry }]) : refuse(refusal);
}

type Described =
  | { readonly ok: true; readonly event: MachineEvent }
  | { readonly ok: false; readonly refusal: Refusal };

export function describedAs(thing: string): Described {
  const parsed = parseThing(thing);
  if (!parsed.ok) return { ok: false, refusal: no('ThingInvalid', { reason: parsed.error }) };
  const { actions } = parsed.value;
  return { ok: true, event: { kind: 'MachineDescribed', thing, thingHash: hashOf(thing), actions } };
}

export function chartered(charter: string): MachineEvent {
  return { kind: 'CharterSet', charter, charterHash: hashOf(charter) };
}

export function unfitCharter(charter: string): Refusal | null {
  const fault = charterFault(charter);
  return fault === null ? null : no('FieldInvalid', fault);
}

function operatorFault(tables: MachineTables, context: Context, who: PrincipalHex): Refusal | null {
  const unfit = (reason: string) => no('OperatorUnfit', { who: principalToText(who), reason });
  if (isNobody(tables, context, who)) return unfit('it stands for no person or organisation');
  if (isDevice(tables, who)) return unfit('it is a device of the machine');
  return who === operatorOf(tables) ? unfit('it operates the machine already') : null;
}

function hashOf(text: string): string {
  return bytesToHexQuickly(sha256(textToBytesQuickly(text)));
}
