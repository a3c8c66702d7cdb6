// Where the machine's own looks at its ledgers are.
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { MachineTables } from '../state.ts';
import type { Watched } from './tables.ts';

export function watchedOf(tables: MachineTables, ledger: PrincipalHex): Watched {
  const known = tables.watch.get().ledgers.find((one) => one.ledger === ledger);
  return known ?? { ledger, askedNs: 0n, isOpen: false, next: null };
}

/** Strangers use up what of theirs is tried, so until then the machine looks by itself. */
export function noteCrowd(tables: MachineTables, untilNs: bigint): void {
  const watch = tables.watch.get();
  if (untilNs > watch.untilNs) tables.watch.set({ ...watch, untilNs });
}

export function noteAsked(tables: MachineTables, ledger: PrincipalHex, askedNs: bigint): void {
  put(tables, { ...watchedOf(tables, ledger), askedNs, isOpen: true }, askedNs);
}

export function noteMoved(tables: MachineTables, ledger: PrincipalHex, next: bigint): void {
  put(tables, { ...watchedOf(tables, ledger), next }, tables.watch.get().askedNs);
}

/** An answer that taught nothing leaves the place where it was. */
export function noteAnswered(tables: MachineTables, ledger: PrincipalHex, next: bigint | null): void {
  const known = watchedOf(tables, ledger);
  put(tables, { ...known, isOpen: false, next: next ?? known.next }, tables.watch.get().askedNs);
}

function put(tables: MachineTables, watched: Watched, askedNs: bigint): void {
  const { untilNs, ledgers } = tables.watch.get();
  const others = ledgers.filter(({ ledger }) => ledger !== watched.ledger);
  tables.watch.set({ untilNs, askedNs, ledgers: [...others, watched] });
}
