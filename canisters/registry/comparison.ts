// What new code would do to the data that lies there and to the clients of the old interface; null when they notice nothing.
import { assert } from '@tamc/base/assert';
import { findCandidProblems, renderCandidProblem } from '@tamc/protocol/candid-subtype';
import { parseCandid } from '@tamc/protocol/candid-text';
import type { Refusal } from '@tamc/protocol/refusal';
import { registryLimits } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import { layoutProblems, parseLayout } from '@tamc/shared/tables/layout-text';
import type { RegistryTables } from './state.ts';

/** From what was approved of both. */
export function comparisonFault(
  { codeTexts, codesThatFit }: RegistryTables,
  fromHash: string,
  toHash: string,
): Refusal | null {
  if (codesThatFit.get([fromHash, toHash]) !== null) return null;
  const [from, to] = [codeTexts.get(fromHash)!, codeTexts.get(toHash)!];
  const lost = layoutFault(from.layout, to.layout);
  if (lost !== null || from.candid === to.candid) return lost;
  const [before, after] = [parseCandid(from.candid), parseCandid(to.candid)];
  assert(before.ok && after.ok, 'approved Candid was read when it was approved');
  const broken = findCandidProblems(before.value, after.value).map(renderCandidProblem);
  return broken.length === 0 ? null : no('UpgradeWouldBreak', { problems: shown(broken) });
}

/** `before` may be what a machine says of itself. */
export function layoutFault(before: string, after: string): Refusal | null {
  if (before === after) return null;
  const [old, next] = [parseLayout(before), parseLayout(after)];
  assert(next.ok, 'an approved layout was read when it was approved');
  if (!old.ok) return no('UpgradeWouldLose', { problems: `the layout of the machine cannot be read: ${old.error}` });
  const lost = layoutProblems(old.value, next.value);
  return lost.length === 0 ? null : no('UpgradeWouldLose', { problems: shown(lost) });
}

function shown(problems: readonly string[]): string {
  const { problemsShownMax } = registryLimits;
  const others = problems.length - problemsShownMax;
  const named = problems.slice(0, problemsShownMax).join('; ');
  return others > 0 ? `${named}; and ${others} more` : named;
}
