// Shell (chance): creation on networks for development, under an id that is chosen and written down before it is asked for. So
// whether an attempt that was cut off has created a canister can be seen, and nothing is created twice.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { ok, type Result } from '@tamc/base/result';
import type { CallError, Connection, Management } from '@tamc/client';
import { hexToPrincipal, managementCanister, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { Creations } from './creations.ts';
import { isThere } from './is-there.ts';

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
  const id = begun?.id ?? randomCanisterId();
  if (begun !== null) {
    const there = await isThere(management, id);
    if (!there.ok || there.value) return there.ok ? ok(id) : there;
  }
  creations.begin(name, { id, subnet: null, createdNs: 0n, cycles });
  const created = await request(connection, id, cycles, at);
  if (created.ok || created.error.kind !== 'rejected') return created;
  // The request of an attempt that was cut off may have arrived in between.
  const there = await isThere(management, id);
  if (!there.ok || there.value) return there.ok ? ok(id) : there;
  // Not every network lets ids be chosen: then it chooses, and an answer that is lost leaves a canister that nobody uses.
  creations.end(name);
  return management.createWithCycles(cycles, at);
}

async function request(connection: Connection, id: PrincipalHex, cycles: bigint, about: PrincipalHex): Created {
  const value = { amount: [cycles], specified_id: [hexToPrincipal(id)] };
  const answer = await connection.call(managementCanister, { ...method, about }, [value]);
  if (!answer.ok) return answer;
  const [reply] = answer.value as [{ readonly canister_id: Principal }];
  return ok(principalToHex(reply.canister_id));
}

/** Of the class of ids that systems give: eight bytes, then 01 01. Nobody meets the same eight by chance. */
function randomCanisterId(): PrincipalHex {
  const index = crypto.getRandomValues(new Uint8Array(8));
  return principalToHex(Principal.fromUint8Array(Uint8Array.of(...index, 1, 1)));
}
