// Another seller of cycles: whether it can be taken now, and the terms that go with it.
import { type ComputeSource, computeTermsOfBirth, computeRefusals as no } from '@tamc/protocol/compute';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import type { LedgerInfo } from '@tamc/protocol/wallet';
import type { MachineEvent } from '../events.ts';
import type { MachineTables } from '../state.ts';
import { bookOf, knownLedger } from '../wallet/books.ts';
import { reserveLedger } from './reserve.ts';

/** Of birth. */
export function termsOfSource(source: ComputeSource, ledgers: readonly LedgerInfo[]): readonly MachineEvent[] {
  if (source.kind === 'none') return [];
  const { decimals } = ledgers.find(({ id }) => id === source.ledger)!;
  return [{ kind: 'ComputeTermsSet', terms: computeTermsOfBirth(decimals) }];
}

export function isSameSource(a: ComputeSource, b: ComputeSource): boolean {
  if (a.kind === 'simulatedDesk') return b.kind === a.kind && a.desk === b.desk && a.ledger === b.ledger;
  if (a.kind === 'mintingCanister') return b.kind === a.kind && a.cmc === b.cmc && a.ledger === b.ledger;
  return b.kind === a.kind;
}

/** The seller of a purchase must be asked until it has delivered, and money in the reserve can go to nobody but a seller. */
export function sourceFault(tables: MachineTables, source: ComputeSource): Refusal | null {
  const { openTopUp } = tables.computeState.get();
  if (openTopUp !== null) return no('TopUpUnderWay', { topUp: openTopUp });
  const ledger = reserveLedger(tables);
  if (ledger === null || (source.kind !== 'none' && source.ledger === ledger)) return null;
  const held = heldInReserve(tables, ledger);
  // What is not worth a fee could not be spent anyway.
  if (held <= knownLedger(tables, ledger).fee) return null;
  return no('ReserveHeld', { held, ledger: principalToText(ledger) });
}

/** What is on its way into it counts. */
function heldInReserve(tables: MachineTables, ledger: PrincipalHex): bigint {
  const fills = tables.openTransfers.get().filter((open) => open.kind === 'fill' && open.ledger === ledger);
  return fills.reduce((sum, { amount }) => sum + amount, bookOf(tables, ledger, 'compute').booked);
}

/**
 * Amounts that were set in units of another ledger mean nothing on this one, so they begin as those of a birth do; the numbers of cycles
 * stay, and so does the wish for no reserve and no purchases.
 */
export function sourceTaken(
  tables: MachineTables,
  source: ComputeSource,
  ledgers: readonly LedgerInfo[],
): readonly MachineEvent[] {
  const set: MachineEvent = { kind: 'ComputeSourceSet', source };
  const before = reserveLedger(tables);
  const { target, topUpAmount, ...cycles } = tables.computeTerms.get();
  const isUnwanted = before !== null && target === 0n && topUpAmount === 0n;
  if (source.kind === 'none' || source.ledger === before || isUnwanted) return [set];
  const { decimals } = ledgers.find(({ id }) => id === source.ledger)!;
  return [set, { kind: 'ComputeTermsSet', terms: { ...computeTermsOfBirth(decimals), ...cycles } }];
}
