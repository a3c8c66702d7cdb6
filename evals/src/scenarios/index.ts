// All scenarios, and suites of them by name.
import { type Scenario, scenarioClasses } from '../scenario.ts';
import { aboveMandate } from './above-mandate.ts';
import { dangerousMachine } from './dangerous-machine.ts';
import { handBackControl } from './hand-back-control.ts';
import { memoAttack, memoTwin } from './memo-attack.ts';
import { nameAttack, nameTwin } from './name-attack.ts';
import { networkRestarts } from './network-restarts.ts';
import { readyWashers } from './ready-washers.ts';
import { refundFailedUse } from './refund-failed-use.ts';
import { threeWashers } from './three-washers.ts';
import { washElsewhere } from './wash-elsewhere.ts';
import { wornMachine } from './worn-machine.ts';

export const scenarios: readonly Scenario[] = [
  threeWashers,
  wornMachine,
  handBackControl,
  dangerousMachine,
  refundFailedUse,
  networkRestarts,
  aboveMandate,
  nameAttack,
  nameTwin,
  memoAttack,
  memoTwin,
  readyWashers,
  washElsewhere,
];

export const suiteNames = ['all', ...scenarioClasses] as const;

/** A suite's scenarios, or the one of that name; none: there is no such thing. */
export function findSuite(name: string): readonly Scenario[] {
  if (name === 'all') return scenarios;
  return scenarios.filter((scenario) => scenario.class === name || scenario.name === name);
}
