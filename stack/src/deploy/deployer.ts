// Who deploys, and how canisters are created on the kind of network where that is. The one place that knows it.
import { join } from 'node:path';
import { type Connection, createManagement } from '@tamc/client';
import { managementCanister, type PrincipalHex, parsePrincipal, principalToText } from '@tamc/protocol/principal';
import type { Deployer, Remembered } from './canister-steps.ts';
import type { NetworkKind } from './configuration.ts';
import { createOnMain } from './create-on-main.ts';
import { createWithChosenId } from './create-with-chosen-id.ts';
import { type Creations, creationsInFolder } from './creations.ts';
import { canistersFile, type NetworkFolder } from './network-folder.ts';

export interface DeployerSettings {
  readonly kind: NetworkKind;
  readonly remembered: Remembered;
  /** Where canisters are created; null: where the network puts them. */
  readonly subnet?: PrincipalHex | null;
}

export function createDeployer(
  connection: Connection,
  { kind, remembered, subnet = null }: DeployerSettings,
): Deployer {
  const management = createManagement(connection);
  const { creations } = remembered;
  const provisional = (cycles: bigint, name: string, at: PrincipalHex) =>
    creations === undefined
      ? management.createWithCycles(cycles, at)
      : createWithChosenId({ connection, management }, creations, name, cycles, at);
  const creators: Record<NetworkKind, Deployer['create']> = {
    embedded: (cycles, name) => provisional(cycles, name, managementCanister),
    local: (cycles, name) => provisional(cycles, name, subnet ?? managementCanister),
    main: (cycles, name) => createOnMain(connection, creations ?? forgotten, name, cycles, subnet),
    engine: () => management.create(subnet ?? managementCanister),
  };
  const cyclesAre = kind === 'main' ? 'bought' : kind === 'engine' ? 'none' : 'given';
  return { connection, management, remembered, cyclesAre, create: creators[kind] };
}

/** Each attempt is the first where nothing outlives the process. */
const forgotten: Creations = { of: () => null, begin: () => {}, end: () => {} };

/** Ids that other commands find by name, and the next start too. */
export function rememberInFolder(folder: Pick<NetworkFolder, 'path' | 'canisters' | 'setCanister'>): Remembered {
  return {
    idOf: (name) => parsePrincipal(folder.canisters()[name] ?? ''),
    remember: (name, id) => folder.setCanister(name, principalToText(id)),
    path: join(folder.path, canistersFile),
    creations: creationsInFolder(folder.path),
  };
}

/** For a network that ends with this process. */
export function rememberInMemory(): Remembered {
  const ids = new Map<string, PrincipalHex>();
  return { idOf: (name) => ids.get(name) ?? null, remember: (name, id) => void ids.set(name, id) };
}
