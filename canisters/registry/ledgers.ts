// Which ledgers machines are born with. On a Cloud Engine only those of its own subnet, because canisters there reach no others.
import { refuse } from '@tamc/base/result';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { isPrintableLine, printableLineWanted } from '@tamc/protocol/printable';
import type { Refusal } from '@tamc/protocol/refusal';
import { type RegisteredLedger, registryLimits } from '@tamc/protocol/registry';
import { computeToCandid } from '@tamc/protocol/registry-candid';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import { walletLimits } from '@tamc/protocol/wallet';
import type { Context } from '@tamc/shared/rule';
import { decided, governorFault, type RegistryDecision } from './decision.ts';
import type { RegistryTables } from './state.ts';
import { isOfSameSubnet } from './subnet.ts';

export interface LedgerArgs {
  readonly id: PrincipalHex;
  readonly symbol: string;
  readonly decimals: number;
  readonly fee: bigint;
  readonly isHome: boolean;
}

/** Adds it, or changes what is known of it: fees of ledgers change. */
export function addLedger(tables: RegistryTables, context: Context, ledger: LedgerArgs): RegistryDecision<null> {
  const fault =
    governorFault(tables, context) ??
    ledgerFault(ledger) ??
    placeFault(tables, context, ledger) ??
    roomFault(tables, ledger);
  return fault === null ? decided(null, [{ kind: 'LedgerAdded', ...ledger }]) : refuse(fault);
}

export function retireLedger(
  tables: RegistryTables,
  context: Context,
  { id }: { readonly id: PrincipalHex },
): RegistryDecision<null> {
  const fault = governorFault(tables, context);
  if (fault !== null) return refuse(fault);
  const facts = { id: principalToText(id) };
  if (tables.ledgers.get(id)?.isRetired !== false) return refuse(no('LedgerUnknown', facts));
  const { homeLedger, compute } = tables.settings.get();
  if (homeLedger === id) return refuse(no('HomeLedgerNeeded', facts));
  if (compute.kind === 'mintingCanister' && compute.icpLedger === id) return refuse(no('ComputeLedgerNeeded', facts));
  return decided(null, [{ kind: 'LedgerRetired', id }]);
}

export function ledgersInUse(tables: RegistryTables): readonly RegisteredLedger[] {
  return allLedgers(tables).filter(({ isRetired }) => !isRetired);
}

/** What a machine is born with, and what one that lives takes over. */
export function moneyTermsToCandid(tables: RegistryTables) {
  const { homeLedger, compute } = tables.settings.get();
  const ledgers = ledgersInUse(tables).map(({ id, symbol, decimals, fee }) => {
    return { id: hexToPrincipal(id), symbol, decimals, fee };
  });
  const home: [] | [ReturnType<typeof hexToPrincipal>] = homeLedger === null ? [] : [hexToPrincipal(homeLedger)];
  return { ledgers, home_ledger: home, compute: computeToCandid(compute) };
}

export function allLedgers({ ledgers, ledgerOrder }: RegistryTables): readonly RegisteredLedger[] {
  return ledgerOrder.get().map((id) => ledgers.get(id)!);
}

const feeMax = 2n ** 96n;

function ledgerFault({ symbol, decimals, fee, id }: LedgerArgs): Refusal | null {
  const { symbolCharsMax, decimalsMax } = registryLimits;
  const wrong = (field: string, wanted: string) => no('FieldInvalid', { field, wanted });
  if (id.length !== 20 && id.length !== 0) return wrong('id', 'the id of a canister');
  if (id.length === 0) return wrong('id', 'a ledger, not the management canister');
  if (!isPrintableLine(symbol, symbolCharsMax)) return wrong('symbol', printableLineWanted(symbolCharsMax));
  if (decimals > decimalsMax) return wrong('decimals', `at most ${decimalsMax}`);
  return fee > feeMax ? wrong('fee', `at most ${feeMax}`) : null;
}

function placeFault(tables: RegistryTables, { self }: Context, { id }: LedgerArgs): Refusal | null {
  if (tables.settings.get().network !== 'engine' || isOfSameSubnet(id, self)) return null;
  return no('ForeignLedger', { id: principalToText(id) });
}

function roomFault(tables: RegistryTables, { id }: LedgerArgs): Refusal | null {
  const isNew = tables.ledgers.get(id)?.isRetired !== false;
  const { ledgersMax: everMax } = registryLimits;
  if (isNew && tables.ledgers.get(id) === null && tables.ledgerOrder.get().length >= everMax)
    return no('TooManyLedgers', { limit: everMax });
  // A machine is born with an account on each of them, and takes no more.
  const { ledgersMax } = walletLimits;
  return isNew && ledgersInUse(tables).length >= ledgersMax ? no('TooManyLedgers', { limit: ledgersMax }) : null;
}
