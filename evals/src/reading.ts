// How a scripted host reads answers: lists of records, and the text inside the mark of what others wrote.
import type { Hands, Json } from './hands.ts';

export class CannotGoOn extends Error {
  override readonly name = 'CannotGoOn';
}

/** The records of a list in an answer; none where there is no such list. */
export function recordsOf(facts: Json | null, list: string): readonly Json[] {
  const value = facts?.[list];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function recordOf(facts: Json | null, name: string): Json {
  const value = facts?.[name];
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const mark = /^⟦written by others: ([^⟦⟧]*)⟧$/u;

/** What others wrote, as data. */
export function plain(value: unknown): string {
  const text = String(value ?? '');
  return mark.exec(text)?.[1] ?? text;
}

export async function listMachines(hands: Hands): Promise<readonly Json[]> {
  const { facts, text } = await hands.call('machines', { limit: 50 });
  if (facts === null) throw new CannotGoOn(text);
  return recordsOf(facts, 'machines');
}

export async function findMachine(hands: Hands, name: string): Promise<string> {
  const found = (await listMachines(hands)).find(({ model }) => plain(model) === name);
  if (found === undefined) throw new CannotGoOn(`there is no machine ${name}`);
  return String(found.id);
}

/** The facts, where going on without them makes no sense. */
export async function factsOf(answer: Promise<{ readonly facts: Json | null; readonly text: string }>): Promise<Json> {
  const { facts, text } = await answer;
  if (facts === null) throw new CannotGoOn(text);
  return facts;
}

/** "3.50 simUSD" as cents of cents: minor units. */
export function amountOf(value: unknown): bigint {
  const [, whole = '0', part = ''] = /^(\d+)(?:\.(\d+))?/.exec(String(value)) ?? [];
  return BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0').slice(0, 6));
}
