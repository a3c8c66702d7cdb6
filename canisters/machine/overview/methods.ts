// Everything about the machine in one query: what it says is what the queries of each noun say at the same moment.
import { OverviewType } from '@tamc/protocol/overview';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { entriesFor } from '@tamc/shared/azle/replicated';
import { canisterSelf, IDL, msgCaller, query, time } from 'azle';
import { optionOf } from '../candid.ts';
import { commandsToCandid } from '../commands/view.ts';
import { conditionsToCandid } from '../condition/view.ts';
import { identityToCandid, machineToCandid } from '../identity/view.ts';
import * as shell from '../shell/methods.ts';
import { orderToCandid, tariffToCandid } from '../use/view.ts';
import { isLive, liveMandates } from '../wallet/mandates.ts';
import { balancesToCandid, mandateToCandid } from '../wallet/view.ts';

export class OverviewMethods {
  @query([IDL.Record({ commands: IDL.Nat32 })], OverviewType)
  overview(limits: { commands: number }) {
    const { tables } = shell;
    const nowNs = time();
    const commands = commandsToCandid(tables, null, entriesFor(limits.commands), nowNs);
    return {
      machine: machineToCandid(tables, nowNs),
      identity: identityToCandid(tables),
      condition: conditionsToCandid(tables),
      tariff: optionOf(tariffToCandid(tables, tables.tariffNow.get())),
      balances: balancesToCandid(tables, principalToHex(canisterSelf())),
      own_mandates: ownMandates(principalToHex(msgCaller()), nowNs),
      commands,
      orders: orderNumbers(commands).flatMap((number) => orderToCandid(tables, number) ?? []),
    };
  }
}

/** One per ledger at most: those of others, which may be many and large, are not even read. */
function ownMandates(caller: PrincipalHex, nowNs: bigint) {
  const own = liveMandates(shell.tables, caller).filter(({ terms }) => isLive(terms, nowNs));
  return own.flatMap(({ number }) => mandateToCandid(shell.tables, number, nowNs) ?? []);
}

function orderNumbers(commands: readonly { readonly cause: [] | [string] }[]): readonly number[] {
  const numbers = commands.flatMap(({ cause }) => /^order\/(\d+)$/.exec(cause[0] ?? '')?.[1] ?? []);
  return [...new Set(numbers)].map(Number);
}
