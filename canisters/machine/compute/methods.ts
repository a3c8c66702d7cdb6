// Compute over Candid.
import { ComputeArgsType, ComputeType, TopUpType } from '@tamc/protocol/compute';
import { AnswerType } from '@tamc/protocol/refusal';
import { entriesFor } from '@tamc/shared/azle/replicated';
import { canisterCycleBalance, IDL, query, update } from 'azle';
import * as shell from '../shell/methods.ts';
import { pageOf } from '../wallet/view.ts';
import { observeCycles, setCompute, topUp } from './rules.ts';
import { computeToCandid, topUpToCandid } from './view.ts';

interface CandidTerms {
  target: bigint;
  low_cycles: bigint;
  floor_cycles: bigint;
  top_up_amount: bigint;
}

export class ComputeMethods {
  @update([ComputeArgsType], AnswerType(ComputeType))
  set_compute({ target, low_cycles, floor_cycles, top_up_amount }: CandidTerms) {
    const terms = { target, lowCycles: low_cycles, floorCycles: floor_cycles, topUpAmount: top_up_amount };
    const answer = shell.update(setCompute, terms, () => null);
    // By the new terms the machine may be low at once, and then it buys without waiting to be asked.
    shell.perform(observeCycles, canisterCycleBalance());
    return 'Err' in answer ? answer : { Ok: computeToCandid(shell.tables, canisterCycleBalance()) };
  }

  @query([], ComputeType)
  compute() {
    return computeToCandid(shell.tables, canisterCycleBalance());
  }

  /** By anybody: it only spends what the reserve is for, and only when cycles are low. */
  @update([], AnswerType(ComputeType))
  async top_up() {
    return await shell.settled(topUp, canisterCycleBalance(), (tables) => {
      return computeToCandid(tables, canisterCycleBalance());
    });
  }

  @query([IDL.Nat32, IDL.Nat32], IDL.Vec(TopUpType))
  top_ups(from: number, limit: number) {
    return pageOf(shell.tables.topUps, from, entriesFor(limit)).flatMap(
      (number) => topUpToCandid(shell.tables, number) ?? [],
    );
  }
}
