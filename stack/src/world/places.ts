// Where our canisters are on the network of a folder: what a deployment remembered there, parsed.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import type { NetworkFolder } from '../deploy/network-folder.ts';

export interface Places {
  readonly registry: PrincipalHex;
  readonly ledger: PrincipalHex;
  /** Null where cycles cost money: there is no simulated desk. */
  readonly desk: PrincipalHex | null;
}

/** Refused with a sentence that says what is missing and what to do. */
export function readPlaces(folder: Pick<NetworkFolder, 'canisters'>): Result<Places, string> {
  const ids = folder.canisters();
  const idOf = (name: string) => parsePrincipal(ids[name] ?? '');
  const [registry, ledger, desk] = [idOf('registry'), idOf('ledger'), idOf('simulated-desk')];
  if (registry !== null && ledger !== null) return ok({ registry, ledger, desk });
  const missing = registry === null ? 'registry' : 'ledger';
  return refuse(`The ${missing} is not on this network yet: \`npm start\` or \`npx tamc deploy\` brings it there.`);
}
