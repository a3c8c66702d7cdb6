// What the events of compute change.
import { type ComputeEvent, type ComputeSource, computeLimits } from '@tamc/protocol/compute';
import type { Envelope, MachineTables } from '../state.ts';
import { dropOldest } from '../wallet/kept.ts';
import { reserveLedger } from './reserve.ts';
import type { TopUp } from './tables.ts';

export function applyCompute(tables: MachineTables, event: ComputeEvent, { timeNs }: Envelope): void {
  const state = tables.computeState.get();
  switch (event.kind) {
    case 'ComputeSourceSet':
      applySource(tables, event.source);
      break;
    case 'ComputeTermsSet':
      tables.computeTerms.set(event.terms);
      // The operator's word also ends the pause after a seller that kept the money.
      if (state.nextNs === computeLimits.neverNs) tables.computeState.set({ ...state, nextNs: 0n });
      break;
    case 'ComputeLow':
      tables.computeState.set({ ...state, level: 'low' });
      break;
    case 'ComputeFrozen':
      tables.computeState.set({ ...state, level: 'frozen' });
      break;
    case 'ComputeRecovered':
      tables.computeState.set({ ...state, level: 'enough' });
      break;
    case 'ReserveEarmarked':
      tables.computeState.set({ ...state, earmarked: state.earmarked + event.amount });
      break;
    case 'TopUpStarted': {
      const { transfer, amount } = event;
      tables.topUps.append({ transfer, amount, atNs: timeNs, block: null, nextNs: null, outcome: null });
      dropOldest(tables.topUps, computeLimits.topUpsKept, ({ outcome }) => outcome !== null);
      tables.computeState.set({ ...state, openTopUp: event.topUp });
      break;
    }
    case 'TopUpPaid':
      change(tables, event.topUp, { block: event.block });
      break;
    case 'TopUpPutOff':
      change(tables, event.topUp, { nextNs: event.untilNs });
      break;
    case 'TopUpAskedAgain':
      change(tables, event.topUp, { nextNs: null });
      break;
    case 'TopUpDelivered':
      change(tables, event.topUp, { nextNs: null, outcome: { kind: 'delivered', cycles: event.cycles } });
      tables.computeState.set({ ...state, openTopUp: null });
      break;
    case 'TopUpFailed': {
      const { code, message, isMoneyKept } = event;
      const nextNs = isMoneyKept ? computeLimits.neverNs : timeNs + computeLimits.pauseNs;
      change(tables, event.topUp, { nextNs: null, outcome: { kind: 'failed', code, message } });
      tables.computeState.set({ ...state, openTopUp: null, nextNs });
      break;
    }
  }
}

/** What was set aside on the ledger of the seller before is free again, and the new seller has failed at nothing yet. A birth writes nothing. */
function applySource(tables: MachineTables, source: ComputeSource): void {
  const before = reserveLedger(tables);
  tables.computeSource.set(source);
  const state = tables.computeState.get();
  const earmarked = reserveLedger(tables) === before ? state.earmarked : 0n;
  const isChanged = earmarked !== state.earmarked || state.nextNs !== 0n;
  if (isChanged) tables.computeState.set({ ...state, earmarked, nextNs: 0n });
}

function change(tables: MachineTables, number: number, fields: Partial<TopUp>): void {
  tables.topUps.set(number, { ...tables.topUps.get(number)!, ...fields });
}
