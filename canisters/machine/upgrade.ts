// After new code was installed. The layout of the tables is checked before by the registry; here the log notes what happened.
import { decided } from './decision.ts';
import type { MachineRule } from './machine.ts';
import { machineVersion } from './version.ts';

export const noteUpgrade: MachineRule<null, null> = () => {
  return decided(null, [{ kind: 'MachineUpgraded', version: machineVersion }]);
};
