// What our canisters refuse, asked before any of them is created and paid for. A test holds it against the canisters' own rules.
import { tokenLimits } from '@tamc/protocol/ledger';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { isPrintableLine, printableLineWanted } from '@tamc/protocol/printable';
import { registryLimits } from '@tamc/protocol/registry';
import { deskLimits } from '@tamc/protocol/simulated-desk';
import { walletLimits } from '@tamc/protocol/wallet';
import type { Configuration, OwnLedger } from './configuration.ts';

const { ledgersMax } = walletLimits;
const { birthCyclesMin, birthCyclesMax, decimalsMax, machinesMax, symbolCharsMax } = registryLimits;

/** As for a machine: one of our canisters is created and installed for no less. */
export const canisterCyclesMin = birthCyclesMin;
/** What is left of that after creation and installation: below, the network sets nothing aside for the execution of an upgrade. */
export const canisterCyclesFloor = 330_000_000_000n;

/** With less the registry gives birth to no machine. */
export function registryCyclesFloor({ birthCycles }: Pick<Configuration, 'birthCycles'>): bigint {
  return canisterCyclesFloor + registryLimits.ownCycles + birthCycles;
}

/** A hundred times what a network for development gives by itself: numbers above are a mistake of units. */
const canisterCyclesMax = 1_000_000_000_000_000_000n;
/** Above, the registry takes no ledger: fees have room to grow below the largest amount. */
export const ledgerFeeMax = 2n ** 96n;

/** A sentence about the first field that could not be deployed; null when all can. */
export function configurationFault(configuration: Configuration): string | null {
  return (
    ledgersFault(configuration) ??
    (configuration.ownLedger === null ? null : ownLedgerFault(configuration.ownLedger)) ??
    (configuration.kind === 'engine' ? engineFault(configuration) : cyclesFault(configuration)) ??
    birthsFault(configuration) ??
    within('cyclesPerUnit', configuration.cyclesPerUnit, 1n, deskLimits.priceMax)
  );
}

function ledgersFault({ kind, ownLedger, foreignLedgers }: Configuration): string | null {
  if (kind === 'engine' && foreignLedgers.length > 0)
    return 'it names a ledger elsewhere: canisters on a Cloud Engine can make no calls to other subnets that wait without bound, so the ledger has to live on the engine; leave "foreignLedgers" out';
  if (ownLedger === null && foreignLedgers.length === 0) return 'it leaves machines without any ledger';
  const strange = foreignLedgers.find((id) => !isOfCanister(id));
  if (strange !== undefined)
    return `its field "foreignLedgers" names ${principalToText(strange)}, which is not the id of a ledger`;
  if (new Set(foreignLedgers).size < foreignLedgers.length) return 'its field "foreignLedgers" names a ledger twice';
  const count = foreignLedgers.length + (ownLedger === null ? 0 : 1);
  return count > ledgersMax ? `it names ${count} ledgers, and a machine has at most ${ledgersMax}` : null;
}

/** Ids of canisters have ten bytes; people have 29, the management canister none. */
function isOfCanister(id: PrincipalHex): boolean {
  return id.length === 20;
}

function ownLedgerFault({ tokenName, symbol, decimals, fee }: OwnLedger): string | null {
  const { nameCharsMax } = tokenLimits;
  const wrong = (part: string, wanted: string) => `its field "ownLedger" has a ${part} that is not ${wanted}`;
  if (!isPrintableLine(tokenName, nameCharsMax)) return wrong('tokenName', printableLineWanted(nameCharsMax));
  if (!isPrintableLine(symbol, symbolCharsMax)) return wrong('symbol', printableLineWanted(symbolCharsMax));
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > decimalsMax)
    return wrong('decimals', `a whole number from 0 to ${decimalsMax}`);
  return fee > ledgerFeeMax ? wrong('fee', `at most ${ledgerFeeMax}`) : null;
}

function engineFault({ canisterCycles, registryCycles, birthCycles }: Configuration): string | null {
  const given = Object.entries({ canisterCycles, registryCycles, birthCycles }).find(([, cycles]) => cycles > 0n);
  return given === undefined ? null : `its field "${given[0]}" gives cycles, and an engine has none: leave it out`;
}

function cyclesFault({ canisterCycles, registryCycles, birthCycles }: Configuration): string | null {
  return (
    within('canisterCycles', canisterCycles, canisterCyclesMin, canisterCyclesMax) ??
    within('birthCycles', birthCycles, birthCyclesMin, birthCyclesMax) ??
    // Less, and no machine could be born.
    within(
      'registryCycles',
      registryCycles,
      canisterCyclesMin + registryLimits.ownCycles + birthCycles,
      canisterCyclesMax,
    )
  );
}

function birthsFault({ kind, birthsPerCaller }: Configuration): string | null {
  // Where cycles are money, births for anybody would let a stranger spend all of them.
  if (kind === 'main' && birthsPerCaller > 0)
    return 'its field "birthsPerCaller" is not 0: on the main network operators are allowed one by one';
  return within('birthsPerCaller', BigInt(birthsPerCaller), 0n, BigInt(machinesMax));
}

function within(field: string, value: bigint, min: bigint, max: bigint): string | null {
  return value >= min && value <= max ? null : `its field "${field}" is ${value}, and has to be from ${min} to ${max}`;
}
