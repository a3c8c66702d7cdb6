// Orders whose money could not be pulled. Each costs the machine a call, and who makes them may be anybody: so few an hour of one
// caller, and so many of all that never paid for an order, after which one of those a minute is tried. Who has paid once, for an order
// or by sending money, is counted alone. A newcomer whom strangers keep out pays the ledger's fee to let the machine pull, as for any
// order, and is tried once it has seen that (`wallet/watch.ts`).
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { useRefusals as no, useLimits } from '@tamc/protocol/use';
import type { Context } from '@tamc/shared/rule';
import type { MachineTables } from '../state.ts';
import { noteCrowd } from '../wallet/watched.ts';
import type { Unpaid } from './tables.ts';

const minuteNs = 60_000_000_000n;

/** What is refused before the ledger is asked again in vain. */
export function unpaidFault(tables: MachineTables, { caller, nowNs }: Context): Refusal | null {
  const { unpaidPerCallerMax, unpaidOfStrangersMax } = useLimits;
  const customer = tables.customers.get(caller);
  if (customer === null && tables.allowed.get().includes(caller)) return null;
  const window = customer ?? tables.strangersUnpaid.get();
  const all = unpaidNow(window, nowNs);
  const own = customer === null ? all.filter((one) => one === caller) : all;
  const minutes = (window.sinceNs + useLimits.unpaidWindowNs - nowNs + minuteNs - 1n) / minuteNs;
  if (own.length >= unpaidPerCallerMax) return no('OrdersUnpaid', { max: unpaidPerCallerMax, minutes });
  const isRoom = all.length < unpaidOfStrangersMax || nowNs >= window.lastNs + useLimits.unpaidPauseNs;
  return customer !== null || isRoom ? null : no('OrdersOfStrangersUnpaid', { max: unpaidOfStrangersMax });
}

/** Of the window that runs, in the order in which they failed. */
function unpaidNow({ sinceNs, callers }: Unpaid, nowNs: bigint): readonly PrincipalHex[] {
  return nowNs < sinceNs + useLimits.unpaidWindowNs ? callers : [];
}

export function noteUnpaid(tables: MachineTables, caller: PrincipalHex, nowNs: bigint): void {
  const customer = tables.customers.get(caller);
  if (customer === null) noteStrangerUnpaid(tables, caller, nowNs);
  else tables.customers.set(caller, withOneMore(customer, caller, nowNs));
}

function noteStrangerUnpaid(tables: MachineTables, caller: PrincipalHex, nowNs: bigint): void {
  const window = withOneMore(tables.strangersUnpaid.get(), caller, nowNs);
  tables.strangersUnpaid.set(window);
  if (window.callers.length >= useLimits.unpaidOfStrangersMax) {
    noteCrowd(tables, window.sinceNs + useLimits.unpaidWindowNs);
  }
}

/** The first failure begins the window. Pulls that were under way when the limit was reached still come in. */
function withOneMore(window: Unpaid, caller: PrincipalHex, nowNs: bigint): Unpaid {
  const callers = unpaidNow(window, nowNs);
  return { sinceNs: callers.length === 0 ? nowNs : window.sinceNs, callers: [...callers, caller], lastNs: nowNs };
}

/** From now on it is no stranger, and what it failed to pay before is forgiven. */
export function notePaid(tables: MachineTables, caller: PrincipalHex): void {
  if (tables.customers.get(caller)?.callers.length !== 0)
    tables.customers.set(caller, { sinceNs: 0n, callers: [], lastNs: 0n });
}

/** One try for each time it paid for that. */
export function noteAllowed(tables: MachineTables, caller: PrincipalHex): void {
  const others = tables.allowed.get().filter((one) => one !== caller);
  tables.allowed.set([...others, caller].slice(-useLimits.allowedKept));
}

/** It has had its try. */
export function forgetAllowed(tables: MachineTables, caller: PrincipalHex): void {
  const allowed = tables.allowed.get();
  if (allowed.includes(caller)) tables.allowed.set(allowed.filter((one) => one !== caller));
}
