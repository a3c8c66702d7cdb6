// All tables of a machine, collected from its nouns; each noun has its block of numbers (identity 1-9, devices 10-19, commands
// 20-29, control 30-39, condition 40-49, stop 50-59, wallet 60-89, use 90-109, compute 110-119; 200 and above are shared).
import { sharedTablesOf } from '@tamc/shared/canister';
import { defineTables, type TablesOf } from '@tamc/shared/tables/index';
import { commandTables } from './commands/tables.ts';
import { computeTables } from './compute/tables.ts';
import { conditionTables } from './condition/tables.ts';
import { controlTables } from './control/tables.ts';
import { deviceTables } from './devices/tables.ts';
import { machineEvent } from './events.ts';
import { identityTables } from './identity/tables.ts';
import { stopTables } from './stop/tables.ts';
import { useTables } from './use/tables.ts';
import { walletTables } from './wallet/tables.ts';

const definitions = {
  ...identityTables,
  ...deviceTables,
  ...commandTables,
  ...controlTables,
  ...conditionTables,
  ...stopTables,
  ...walletTables,
  ...useTables,
  ...computeTables,
  ...sharedTablesOf(machineEvent),
};

export const machineTables = defineTables(definitions);

export type MachineTables = TablesOf<typeof definitions>;

export type { Envelope } from '@tamc/protocol/events';
