// Shell (chance): creation on networks for development, under an id that is chosen and written down before it is asked for. So
// whether an attempt that was cut off has created a canister can be seen, and nothing is created twice.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { bytesToHex } from '@tamc/base/bytes';
import { ok, type Result } from '@tamc/base/result';
import type { CallError, Connection, Management } from '@tamc/client';
import {
  hexToPrincipal,
  managementCanister,
  type PrincipalHex,
  parsePrincipal,
  principalToHex,
} from '@tamc/protocol/principal';
import type { Creation, Creations } from './creations.ts';

type Created = Promise<Result<PrincipalHex, CallError>>;

const method = {
  name: 'provisional_create_canister_with_cycles',
  type: IDL.Func(
    [IDL.Record({ amount: IDL.Opt(IDL.Nat), specified_id: IDL.Opt(IDL.Principal) })],
    [IDL.Record({ canister_id: IDL.Principal })],
  ),
  // Done again it is refused, because the id is taken.
  isRepeatable: false,
};

export async function createWithChosenId(
  { connection, management }: { readonly connection: Connection; readonly management: Management },
  creations: Creations,
  name: string,
  cycles: bigint,
  at: PrincipalHex = managementCanister,
): Created {
  const begun = creations.of(name);
  const creation = begun ?? { id: randomCanisterId(), createdNs: 0n, cycles };
  if (begun !== null) {
    const there = await isThere(connection, creation.id);
    if (!there.ok || there.value) return there.ok ? ok(creation.id) : there;
  }
  creations.begin(name, creation);
  const created = await request(connection, creation, at);
  if (created.ok || created.error.kind !== 'rejected') return created;
  // The request of an attempt that was cut off may have arrived in between.
  const there = await isThere(connection, creation.id);
  if (!there.ok || there.value) return there.ok ? ok(creation.id) : there;
  // Not every network lets ids be chosen: then it chooses, and an answer that is lost leaves a canister that nobody uses.
  creations.end(name);
  return management.createWithCycles(cycles, at);
}

async function request(connection: Connection, { id, cycles }: Creation, about: PrincipalHex): Created {
  const value = { amount: [cycles], specified_id: [hexToPrincipal(id)] };
  const answer = await connection.call(managementCanister, { ...method, about }, [value]);
  if (!answer.ok) return answer;
  const [reply] = answer.value as [{ readonly canister_id: Principal }];
  return ok(principalToHex(reply.canister_id));
}

/** A network that does not host the id says so in its own way; only silence is a reason to stop. */
async function isThere(connection: Connection, id: PrincipalHex): Promise<Result<boolean, CallError>> {
  const controllers = await connection.read(id, ['controllers']);
  if (controllers.ok) return ok(controllers.value !== null);
  return controllers.error.kind === 'unreachable' ? controllers : ok(false);
}

/** Of the class of ids that systems give: eight bytes, then 01 01. Nobody meets the same eight by chance. */
function randomCanisterId(): PrincipalHex {
  const index = crypto.getRandomValues(new Uint8Array(8));
  return principalToHex(hexToPrincipal(`${bytesToHex(index)}0101` as PrincipalHex));
}
