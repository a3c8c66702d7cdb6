// What came of taking over the registry's terms, as an answer.
import { hexToPrincipal, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import { sourceToCandid } from '../compute/view.ts';
import { rolesOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { subjectNumber } from './view.ts';

export function termsReply(tables: MachineTables) {
  const outcome = tables.termsTaking.get()?.outcome;
  const { ledgers, left } = outcome?.kind === 'taken' ? outcome : { ledgers: [], left: [] };
  return {
    ledgers: ledgers.map(hexToPrincipal),
    compute: sourceToCandid(tables.computeSource.get()),
    left: left.map(({ nextStep, ...refusal }) => ({ ...refusal, next_step: nextStep })),
  };
}

export function termsRefusal(tables: MachineTables, subject: string): Refusal | null {
  const last = tables.termsTaking.get();
  const outcome = last?.taking === subjectNumber(subject) ? last.outcome : null;
  if (outcome?.kind === 'taken') return null;
  const reason = outcome?.reason ?? 'it has not answered yet';
  return no('TermsNotTold', { registry: principalToText(rolesOf(tables).registry), reason });
}
