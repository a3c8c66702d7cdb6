// What new code would do to the data that lies there and to the clients of the old interface; null when they notice nothing.
import { assert } from '@tamc/base/assert';
import { findCandidProblems, renderCandidProblem } from '@tamc/protocol/candid-subtype';
import { parseCandid } from '@tamc/protocol/candid-text';
import type { Refusal } from '@tamc/protocol/refusal';
import { type CodeFault, registryLimits } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import { layoutProblems, parseLayout } from '@tamc/shared/tables/layout-text';
import type { RegistryTables } from './state.ts';

export function comparisonFault(tables: RegistryTables, fromHash: string, toHash: string): Refusal | null {
  const known = knownComparison(tables, fromHash, toHash);
  return asRefusal(known === undefined ? compare(tables, fromHash, toHash) : known);
}

/** Dear, and anybody may ask: it is made once for two modules, whatever comes of it. Undefined: not yet. */
export function knownComparison(
  { codesThatFit, codesThatBreak }: RegistryTables,
  fromHash: string,
  toHash: string,
): CodeFault | null | undefined {
  const pair = [fromHash, toHash] as const;
  return codesThatFit.get(pair) === null ? (codesThatBreak.get(pair) ?? undefined) : null;
}

/** From what was approved of both. */
export function compare({ codeTexts }: RegistryTables, fromHash: string, toHash: string): CodeFault | null {
  const [from, to] = [codeTexts.get(fromHash)!, codeTexts.get(toHash)!];
  const lost = layoutLoss(from.layout, to.layout);
  if (lost !== null || from.candid === to.candid) return lost;
  const [before, after] = [parseCandid(from.candid), parseCandid(to.candid)];
  assert(before.ok && after.ok, 'approved Candid was read when it was approved');
  return faultOf('UpgradeWouldBreak', findCandidProblems(before.value, after.value).map(renderCandidProblem));
}

/** `before`: what a machine says of itself. */
export function layoutFault(before: string, after: string): Refusal | null {
  return asRefusal(layoutLoss(before, after));
}

function layoutLoss(before: string, after: string): CodeFault | null {
  if (before === after) return null;
  const [old, next] = [parseLayout(before), parseLayout(after)];
  assert(next.ok, 'an approved layout was read when it was approved');
  if (!old.ok) return faultOf('UpgradeWouldLose', [`the layout of the machine cannot be read: ${old.error}`]);
  return faultOf('UpgradeWouldLose', layoutProblems(old.value, next.value));
}

function faultOf(code: CodeFault['code'], problems: readonly string[]): CodeFault | null {
  return problems.length === 0 ? null : { code, problems: shown(problems).slice(0, problemCharsMax) };
}

/** As many as a refusal that people read. */
const problemCharsMax = 2_000;

function asRefusal(fault: CodeFault | null): Refusal | null {
  return fault === null ? null : no(fault.code, { problems: fault.problems });
}

function shown(problems: readonly string[]): string {
  const { problemsShownMax } = registryLimits;
  const others = problems.length - problemsShownMax;
  const named = problems.slice(0, problemsShownMax).join('; ');
  return others > 0 ? `${named}; and ${others} more` : named;
}
