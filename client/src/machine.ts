// A machine: all that people, hosts, devices and customers call on it. What only its registry may call is not here.
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Connection } from './connection.ts';
import { commandMethods } from './machine-commands.ts';
import { controlMethods, stopMethods } from './machine-control.ts';
import { deviceMethods } from './machine-devices.ts';
import { identityMethods } from './machine-identity.ts';
import { overviewMethods } from './machine-overview.ts';
import { computeMethods, useMethods } from './machine-use.ts';
import { walletMethods } from './machine-wallet.ts';
import { bindService, type Service } from './service.ts';

export const machineMethods = {
  ...identityMethods,
  ...deviceMethods,
  ...commandMethods,
  ...controlMethods,
  ...stopMethods,
  ...walletMethods,
  ...useMethods,
  ...computeMethods,
  ...overviewMethods,
};

export type Machine = Service<typeof machineMethods>;

/** Calls as the connection's identity: who it is decides what it may do. */
export function bindMachine(connection: Connection, machine: PrincipalHex): Machine {
  return bindService(connection, machine, machineMethods);
}
