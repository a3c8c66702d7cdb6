// Whether the machine is frozen: too few cycles to promise anything. What it owes it still pays, and a stop it still obeys.
import type { MachineTables } from '../state.ts';

export function isFrozen(tables: MachineTables): boolean {
  return tables.computeState.get().level === 'frozen';
}
