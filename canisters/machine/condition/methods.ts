// Condition and meters over Candid; they are written by reports.
import { ConditionType, MeterType } from '@tamc/protocol/condition';
import { IDL, query } from 'azle';
import * as shell from '../shell/methods.ts';
import { conditionsToCandid, metersToCandid } from './view.ts';

export class ConditionMethods {
  @query([], IDL.Vec(ConditionType))
  condition() {
    return conditionsToCandid(shell.tables);
  }

  @query([], IDL.Vec(MeterType))
  meters() {
    return metersToCandid(shell.tables);
  }
}
