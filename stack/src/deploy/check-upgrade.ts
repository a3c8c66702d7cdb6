// What an upgrade would break, asked before it is applied: methods and types that clients use, and what lies in stable memory.
import { findCandidProblems, renderCandidProblem } from '@tamc/protocol/candid-subtype';
import { parseCandid } from '@tamc/protocol/candid-text';
import { layoutProblems, parseLayout } from '@tamc/shared/tables/layout-text';

/** What a canister says of itself in its metadata. */
export interface Described {
  readonly candid: string;
  readonly layout: string | null;
}

/** One sentence per place; empty when nobody and nothing is lost. */
export function upgradeProblems(old: Described, next: Described): readonly string[] {
  return [...candidProblems(old.candid, next.candid), ...dataProblems(old.layout, next.layout)];
}

function candidProblems(old: string, next: string): readonly string[] {
  const [before, after] = [parseCandid(old), parseCandid(next)];
  // An interface that nobody can read has no clients that could be broken by knowing it.
  if (!before.ok) return [];
  if (!after.ok) return [`the new interface cannot be read: ${after.error}`];
  return findCandidProblems(before.value, after.value).map(renderCandidProblem);
}

/** Code without a layout keeps nothing in tables. One that nobody can read may keep anything. */
function dataProblems(old: string | null, next: string | null): readonly string[] {
  if (old === null || old === next) return [];
  if (next === null) return ['the new code does not say what it keeps in stable memory'];
  const [before, after] = [parseLayout(old), parseLayout(next)];
  if (!before.ok) return [`the layout of what is there cannot be read: ${before.error}`];
  if (!after.ok) return [`the layout of the new code cannot be read: ${after.error}`];
  return layoutProblems(before.value, after.value);
}
