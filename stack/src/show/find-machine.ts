// Which machine a person means: by its whole id, a beginning of it that no other has, or its model where only one is called that.
import { ok, type Result, refuse } from '@tamc/base/result';
import { principalToText } from '@tamc/protocol/principal';
import type { TownMachine } from '../town/read-town.ts';
import { harmless } from './cells.ts';

type Named = Pick<TownMachine, 'id' | 'name'>;

/** All that may be meant. */
export function machinesNamed<M extends Named>(machines: readonly M[], words: string): readonly M[] {
  const wanted = words.trim().toLowerCase();
  const exact = machines.filter(({ id }) => principalToText(id) === wanted);
  if (exact.length > 0 || wanted === '') return exact;
  const named = machines.filter(({ name }) => name.toLowerCase() === wanted);
  return named.length > 0 ? named : machines.filter(({ id }) => principalToText(id).startsWith(wanted));
}

export function findMachine<M extends Named>(machines: readonly M[], words: string): Result<M, string> {
  const idOf = ({ id }: M) => principalToText(id);
  const found = machinesNamed(machines, words);
  const [only] = found;
  if (only === undefined) return refuse(`There is no machine "${harmless(words)}"`);
  if (found.length === 1) return ok(only);
  const some = found.slice(0, 3).map((machine) => `${idOf(machine)} (${harmless(machine.name)})`);
  return refuse(
    `"${harmless(words)}" may be ${found.length} machines: ${some.join(', ')}${found.length > 3 ? ' …' : ''}`,
  );
}
