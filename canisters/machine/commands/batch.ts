// A batch of reports: each is a decision of its own, in order, until one is refused. The answer says what became of each and
// which one to correct.
import type { Result } from '@tamc/base/result';
import { commandRefusals as no, reportLimits } from '@tamc/protocol/commands';
import { type Refusal, refusalToCandid } from '@tamc/protocol/refusal';
import { type CandidReport, parseReport, type Report } from '@tamc/protocol/report';
import type { ReportEffect } from './reports.ts';

type Effect = { readonly applied: null } | { readonly duplicate: null } | { readonly ignored: string };

export function takeReports(reports: readonly CandidReport[], take: (report: Report) => Result<ReportEffect, Refusal>) {
  const { batchMax } = reportLimits;
  if (reports.length < 1 || reports.length > batchMax)
    return { Err: refusalToCandid(no('BatchInvalid', { max: batchMax })) };
  const effects: { readonly sequence: number; readonly effect: Effect }[] = [];
  for (const candid of reports) {
    const parsed = parseReport(candid);
    const taken = parsed.ok ? take(parsed.value) : parsed;
    const { sequence } = candid;
    if (!taken.ok) {
      return { Ok: { effects, refused: [{ sequence, refusal: refusalToCandid(taken.error) }] } };
    }
    effects.push({ sequence, effect: effectToCandid(taken.value) });
  }
  return { Ok: { effects, refused: [] } };
}

function effectToCandid(effect: ReportEffect): Effect {
  if (effect.kind === 'ignored') return { ignored: effect.why };
  return effect.kind === 'applied' ? { applied: null } : { duplicate: null };
}
