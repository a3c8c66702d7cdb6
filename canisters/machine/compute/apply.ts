// What the events of compute change.
import { type ComputeEvent, computeLimits } from '@tamc/protocol/compute';
import type { Envelope, MachineTables } from '../state.ts';
import { dropOldest } from '../wallet/kept.ts';
import type { TopUp } from './tables.ts';

export function applyCompute(tables: MachineTables, event: ComputeEvent, { timeNs }: Envelope): void {
  const state = tables.computeState.get();
  switch (event.kind) {
    case 'ComputeSourceSet':
      return tables.computeSource.set(event.source);
    case 'ComputeTermsSet':
      return tables.computeTerms.set(event.terms);
    case 'ComputeLow':
      return tables.computeState.set({ ...state, level: 'low' });
    case 'ComputeFrozen':
      return tables.computeState.set({ ...state, level: 'frozen' });
    case 'ComputeRecovered':
      return tables.computeState.set({ ...state, level: 'enough' });
    case 'ReserveEarmarked':
      return tables.computeState.set({ ...state, earmarked: state.earmarked + event.amount });
    case 'TopUpStarted': {
      const { transfer, amount } = event;
      tables.topUps.append({ transfer, amount, atNs: timeNs, block: null, nextNs: null, outcome: null });
      dropOldest(tables.topUps, computeLimits.topUpsKept, ({ outcome }) => outcome !== null);
      return tables.computeState.set({ ...state, openTopUp: event.topUp });
    }
    case 'TopUpPaid':
      return change(tables, event.topUp, { block: event.block });
    case 'TopUpPutOff':
      return change(tables, event.topUp, { nextNs: event.untilNs });
    case 'TopUpAskedAgain':
      return change(tables, event.topUp, { nextNs: null });
    case 'TopUpDelivered':
      change(tables, event.topUp, { nextNs: null, outcome: { kind: 'delivered', cycles: event.cycles } });
      return tables.computeState.set({ ...state, openTopUp: null });
    case 'TopUpFailed': {
      const { code, message } = event;
      change(tables, event.topUp, { nextNs: null, outcome: { kind: 'failed', code, message } });
      return tables.computeState.set({ ...state, openTopUp: null, nextNs: timeNs + computeLimits.pauseNs });
    }
  }
}

function change(tables: MachineTables, number: number, fields: Partial<TopUp>): void {
  tables.topUps.set(number, { ...tables.topUps.get(number)!, ...fields });
}
