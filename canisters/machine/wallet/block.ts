// What keeps a machine from beginning anything that costs money. What it owes already is always settled.
import { commandRefusals as no } from '@tamc/protocol/commands';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Context } from '@tamc/shared/rule';
import { isFrozen } from '../compute/frozen.ts';
import { isQuiet, isStopped, operatorText } from '../powers.ts';
import type { MachineTables } from '../state.ts';

export function blockOfNew(tables: MachineTables, { nowNs }: Context): Refusal | null {
  if (isStopped(tables)) return no('MachineStopped', { operator: operatorText(tables) });
  if (isFrozen(tables)) return no('MachineFrozen');
  return isQuiet(tables, nowNs) ? no('UpgradeUnderWay') : null;
}
