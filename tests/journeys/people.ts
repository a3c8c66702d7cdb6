// Who lives on the network: each with a key of their own, and the same few things to call.
import { createHash } from 'node:crypto';
import {
  bindLedger,
  bindMachine,
  bindRegistry,
  type Connection,
  createManagement,
  type Ed25519KeyIdentity,
  identityFromSeed,
  type Ledger,
  type Machine,
  type Management,
  type Registry,
} from '@tamc/client';
import { type Account, accountOf, accountToCandid, type CandidAccount } from '@tamc/protocol/account';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import type { Deployed, Network } from './network.ts';

export interface Person {
  readonly id: PrincipalHex;
  readonly principal: ReturnType<typeof hexToPrincipal>;
  readonly account: Account;
  readonly candidAccount: CandidAccount;
  readonly connection: Connection;
  readonly ledger: Ledger;
  readonly registry: Registry;
  readonly management: Management;
  machine(id: PrincipalHex): Machine;
}

/** The same name has the same key in every run. */
export function keyOf(name: string): Ed25519KeyIdentity {
  return identityFromSeed(new Uint8Array(createHash('sha256').update(`journey: ${name}`).digest()));
}

export async function meet(network: Network, deployed: Deployed, who: string | Ed25519KeyIdentity): Promise<Person> {
  const connection = await network.connect(typeof who === 'string' ? keyOf(who) : who);
  const id = connection.self;
  const account = accountOf(id);
  return {
    id,
    principal: hexToPrincipal(id),
    account,
    candidAccount: accountToCandid(account),
    connection,
    ledger: bindLedger(connection, deployed.ledger),
    registry: bindRegistry(connection, deployed.registry),
    management: createManagement(connection),
    machine: (machine) => bindMachine(connection, machine),
  };
}
