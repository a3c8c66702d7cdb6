// Who lives in a trial: each with a key of its own that follows from a seed and a name, so that equal trials have equal worlds.
import { textToBytes } from '@tamc/base/bytes';
import {
  bindLedger,
  bindMachine,
  bindRegistry,
  type Connection,
  type Ed25519KeyIdentity,
  identityFromSeed,
  type Ledger,
  type Machine,
  type Registry,
} from '@tamc/client';
import { type Account, accountOf } from '@tamc/protocol/account';
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Places } from '@tamc/stack';

export interface Person {
  readonly name: string;
  readonly id: PrincipalHex;
  readonly text: string;
  readonly principal: ReturnType<typeof hexToPrincipal>;
  readonly account: Account;
  readonly connection: Connection;
  readonly ledger: Ledger;
  readonly registry: Registry;
  machine(id: PrincipalHex): Machine;
}

/** They are the same in every world: the canisters are there before a scenario is. */
export const constants = ['keeper', 'owner', 'assistant'] as const;

export function keyOf(seed: string, name: string): Ed25519KeyIdentity {
  const owner = constants.some((constant) => constant === name) ? 'everywhere' : seed;
  return identityFromSeed(sha256(textToBytes(JSON.stringify(['evals', owner, name]))));
}

export function createPerson(name: string, connection: Connection, { ledger, registry }: Places): Person {
  const id = connection.self;
  return {
    name,
    id,
    text: principalToText(id),
    principal: hexToPrincipal(id),
    account: accountOf(id),
    connection,
    ledger: bindLedger(connection, ledger),
    registry: bindRegistry(connection, registry),
    machine: (machine) => bindMachine(connection, machine),
  };
}
