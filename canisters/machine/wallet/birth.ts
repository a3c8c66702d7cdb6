// What a machine is born with: its ledgers, and where its cycles come from.

import { ok, type Result, refuse } from '@tamc/base/result';
import type { MachineInit } from '@tamc/protocol/identity';
import { candidToMoneyTerms } from '@tamc/protocol/money-terms';
import type { FieldFault } from '@tamc/protocol/refusal';
import { walletLimits } from '@tamc/protocol/wallet';
import { termsOfSource } from '../compute/source.ts';
import type { MachineEvent } from '../events.ts';
import { moneyTermsFault } from './money-terms.ts';

export function moneyOfBirth(
  init: Pick<MachineInit, 'ledgers' | 'home_ledger' | 'compute'>,
): Result<readonly MachineEvent[], FieldFault> {
  const { ledgersMax } = walletLimits;
  const terms = candidToMoneyTerms(init);
  const { ledgers, home, source } = terms;
  if (ledgers.length > ledgersMax) return refuse({ field: 'ledgers', wanted: `1 to ${ledgersMax} ledgers` });
  const fault = moneyTermsFault(terms);
  if (fault !== null) return refuse(fault);
  const admitted = ledgers.map((ledger): MachineEvent => {
    return { kind: 'LedgerAdmitted', ledger, isHome: ledger.id === home };
  });
  return ok([...admitted, { kind: 'ComputeSourceSet', source }, ...termsOfSource(source, ledgers)]);
}
