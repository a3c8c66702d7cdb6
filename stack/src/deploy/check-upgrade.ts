// What an upgrade would break, asked before it is applied: methods and types that clients use, and what lies in stable memory.
import { findCandidProblems, renderCandidProblem } from '@tamc/protocol/candid-subtype';
import { parseCandid } from '@tamc/protocol/candid-text';
import { compareLayouts, type Layout } from '@tamc/shared/tables/index';

/** What a canister says of itself in its metadata. */
export interface Described {
  readonly candid: string;
  readonly layout: string | null;
}

/** One sentence per place; empty when nobody and nothing is lost. */
export function upgradeProblems(old: Described, next: Described): readonly string[] {
  return [...candidProblems(old.candid, next.candid), ...layoutProblems(old.layout, next.layout)];
}

function candidProblems(old: string, next: string): readonly string[] {
  const [before, after] = [parseCandid(old), parseCandid(next)];
  // An interface that nobody can read has no clients that could be broken by knowing it.
  if (!before.ok) return [];
  if (!after.ok) return [`the new interface cannot be read: ${after.error}`];
  return findCandidProblems(before.value, after.value).map(renderCandidProblem);
}

function layoutProblems(old: string | null, next: string | null): readonly string[] {
  const before = old === null ? null : parseLayout(old);
  if (before === null) return [];
  const after = next === null ? null : parseLayout(next);
  if (after === null) return ['the new code does not say what it keeps in stable memory'];
  const compared = compareLayouts(before, after);
  if (compared.ok) return [];
  return compared.error.map(({ table, field, problem }) => `${field === '' ? table : `${table}.${field}`}: ${problem}`);
}

function parseLayout(text: string): Layout | null {
  try {
    const layout: unknown = JSON.parse(text);
    return Array.isArray(layout) ? layout : null;
  } catch {
    return null;
  }
}
