// What a machine is born with: its ledgers, and where its cycles come from. Nothing of it changes later but a ledger's fee.

import { ok, type Result, refuse } from '@tamc/base/result';
import { type ComputeSource, computeTermsOfBirth } from '@tamc/protocol/compute';
import type { CandidComputeSource, CandidLedger, MachineInit } from '@tamc/protocol/identity';
import { amountMax } from '@tamc/protocol/ledger-answers';
import { principalToHex } from '@tamc/protocol/principal';
import type { FieldFault } from '@tamc/protocol/refusal';
import { walletLimits } from '@tamc/protocol/wallet';
import type { MachineEvent } from '../events.ts';

const fault = (field: string, wanted: string) => refuse({ field, wanted });

export function moneyOfBirth(
  init: Pick<MachineInit, 'ledgers' | 'home_ledger' | 'compute'>,
): Result<readonly MachineEvent[], FieldFault> {
  const { ledgersMax, decimalsMax, symbolCharsMax } = walletLimits;
  const ids = init.ledgers.map(({ id }) => principalToHex(id));
  if (ids.length < 1 || ids.length > ledgersMax) return fault('ledgers', `1 to ${ledgersMax} ledgers`);
  if (new Set(ids).size !== ids.length) return fault('ledgers', 'ledgers with different ids');
  if (!ids.includes(principalToHex(init.home_ledger))) return fault('home_ledger', 'one of the ledgers');
  const isBad = ({ symbol, decimals, fee }: CandidLedger) =>
    symbol.length < 1 || symbol.length > symbolCharsMax || decimals > decimalsMax || fee > amountMax;
  if (init.ledgers.some(isBad)) {
    return fault(
      'ledgers',
      `symbols of 1 to ${symbolCharsMax} characters, at most ${decimalsMax} decimals, fees below 2^127`,
    );
  }
  const source = toSource(init.compute, init);
  if (source.kind !== 'none' && !ids.includes(source.ledger))
    return fault('compute', 'a source paid on one of the ledgers');
  const admitted = init.ledgers.map(({ id, symbol, decimals, fee }): MachineEvent => {
    const isHome = principalToHex(id) === principalToHex(init.home_ledger);
    return { kind: 'LedgerAdmitted', ledger: { id: principalToHex(id), symbol, decimals, fee }, isHome };
  });
  return ok([...admitted, { kind: 'ComputeSourceSet', source }, ...termsOf(source, init.ledgers)]);
}

function termsOf(source: ComputeSource, ledgers: readonly CandidLedger[]): readonly MachineEvent[] {
  if (source.kind === 'none') return [];
  const { decimals } = ledgers.find(({ id }) => principalToHex(id) === source.ledger)!;
  return [{ kind: 'ComputeTermsSet', terms: computeTermsOfBirth(decimals) }];
}

function toSource(given: CandidComputeSource, init: Pick<MachineInit, 'home_ledger'>): ComputeSource {
  if ('simulated_desk' in given) {
    const { desk } = given.simulated_desk;
    return { kind: 'simulatedDesk', desk: principalToHex(desk), ledger: principalToHex(init.home_ledger) };
  }
  if ('minting_canister' in given) {
    const { cmc, icp_ledger } = given.minting_canister;
    return { kind: 'mintingCanister', cmc: principalToHex(cmc), ledger: principalToHex(icp_ledger) };
  }
  return { kind: 'none' };
}
