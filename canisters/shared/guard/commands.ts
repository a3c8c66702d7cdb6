// A command with an id happens once per caller, however often it is sent: the id keeps what the command was about, and a repetition
// is answered from the state as it is now. Kept for a week and bounded, the oldest forgotten first, a few with each new one.
import { record, text } from '@tamc/base/codec';
import { ok, type Result, refuse } from '@tamc/base/result';
import { checkCommandId, guardNo } from '@tamc/protocol/guard';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Context } from '../rule.ts';
import { defineList, defineTable, principalKey, type TablesOf, textKey, tupleKey } from '../tables/index.ts';

export const guardTables = {
  commandOf: defineTable({
    number: 210,
    name: 'command_of',
    key: tupleKey(principalKey, textKey),
    value: record({ digest: text, subject: text }),
  }),
  commandOrder: defineList({
    number: 211,
    name: 'command_order',
    value: record({ caller: principal, commandId: text, timeNs }),
  }),
};
export type GuardTables = TablesOf<typeof guardTables>;

/** Longer than any client retries, and than an ingress message can wait. */
export const commandKeptNs = 7n * 24n * 3600n * 1_000_000_000n;
/** Two a minute over a week; some 5 MB. */
export const commandsKeptMax = 20_000;
/** More than one each, so that the table shrinks after a busy time. */
const forgottenPerCommand = 3;

export interface IdentifiedCommand {
  readonly id: string;
  readonly digest: string;
}

export type CommandStanding =
  | { readonly kind: 'new' }
  /** It was done; `subject` says what it was about. */
  | { readonly kind: 'repeated'; readonly subject: string };

export function checkCommand(
  { commandOf }: GuardTables,
  { caller }: Context,
  { id, digest }: IdentifiedCommand,
): Result<CommandStanding, Refusal> {
  const valid = checkCommandId(id);
  if (!valid.ok) return valid;
  const known = commandOf.get([caller, id]);
  if (known === null) return ok({ kind: 'new' });
  if (known.digest !== digest) return refuse(guardNo('CommandIdReused', { id }));
  return ok({ kind: 'repeated', subject: known.subject });
}

/** After the command was done. */
export function rememberCommand(
  tables: GuardTables,
  { caller, nowNs }: Context,
  { id, digest }: IdentifiedCommand,
  subject: string,
): void {
  forgetOldest(tables, nowNs);
  tables.commandOrder.append({ caller, commandId: id, timeNs: nowNs });
  tables.commandOf.set([caller, id], { digest, subject });
}

function forgetOldest({ commandOf, commandOrder }: GuardTables, nowNs: bigint): void {
  for (let i = 0; i < forgottenPerCommand; i++) {
    const first = commandOrder.first();
    const oldest = commandOrder.get(first);
    if (oldest === null) return;
    const isSurplus = commandOrder.end() - first >= commandsKeptMax;
    if (!isSurplus && nowNs - oldest.timeNs < commandKeptNs) return;
    commandOf.delete([oldest.caller, oldest.commandId]);
    commandOrder.dropFirst(1);
  }
}

/**
 * Tells one caller's commands apart, not a proof of anything: whoever makes two of his own commands collide is answered with the
 * other one. So no cryptographic hash, which would cost ten times as much where code is interpreted.
 */
export function argumentDigest(argument: Uint8Array): string {
  const padded = new Uint8Array((argument.length + 3) & ~3);
  padded.set(argument);
  const words = new Uint32Array(padded.buffer);
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul((b ^ word) + i, 0x5bd1e995) ^ (b >>> 15);
  }
  return `${argument.length}-${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}`;
}
