// The two methods of the management canister that a deployment needs, from the specification's own interface.
import { Actor, type HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

export interface Management {
  create(cycles: bigint): Promise<Principal>;
  install(canister: Principal, module: Uint8Array, isUpgrade: boolean): Promise<void>;
}

const managementId = Principal.fromHex('');
/** `DIDL`, no types, no values. */
const noArguments = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0);

/** Fields that are left out are options, which Candid allows. */
const service = IDL.Service({
  provisional_create_canister_with_cycles: IDL.Func(
    [IDL.Record({ amount: IDL.Opt(IDL.Nat) })],
    [IDL.Record({ canister_id: IDL.Principal })],
  ),
  install_code: IDL.Func(
    [
      IDL.Record({
        mode: IDL.Variant({ install: IDL.Null, upgrade: IDL.Null }),
        canister_id: IDL.Principal,
        wasm_module: IDL.Vec(IDL.Nat8),
        arg: IDL.Vec(IDL.Nat8),
      }),
    ],
    [],
  ),
});

export function createManagement(agent: HttpAgent): Management {
  // Calls about a canister are routed to the subnet it lives on; those about none yet, to the replica one talks to.
  const actor = (effectiveCanisterId: Principal) =>
    Actor.createActor(() => service, {
      agent,
      canisterId: managementId,
      effectiveCanisterId,
      callTransform: () => ({ effectiveCanisterId }),
    });
  return {
    create: async (cycles) => {
      const answer: unknown = await actor(managementId).provisional_create_canister_with_cycles!({ amount: [cycles] });
      return idOf(answer);
    },
    install: async (canister, module, isUpgrade) => {
      const mode = isUpgrade ? { upgrade: null } : { install: null };
      const request = { mode, canister_id: canister, wasm_module: module, arg: noArguments };
      await actor(canister).install_code!(request);
    },
  };
}

function idOf(answer: unknown): Principal {
  if (typeof answer === 'object' && answer !== null && 'canister_id' in answer) {
    return Principal.from(answer.canister_id);
  }
  throw new TypeError('the management canister answered without a canister id');
}
