// The two lines of public JavaScript clients, unmodified, behind one face, so that one suite runs with both.
// Certificate and query-signature checks are left on.
import * as dfinity from '@dfinity/agent';
import { IDL as dfinityIDL } from '@dfinity/candid';
import * as dfinityIdentity from '@dfinity/identity';
import { Principal as DfinityPrincipal } from '@dfinity/principal';
import * as sdk from '@icp-sdk/core/agent';
import { IDL as sdkIDL } from '@icp-sdk/core/candid';
import * as sdkIdentity from '@icp-sdk/core/identity';
import { Secp256k1KeyIdentity } from '@icp-sdk/core/identity/secp256k1';
import { Principal as SdkPrincipal } from '@icp-sdk/core/principal';

/** What both lines have in common, as far as the suite needs it. */
export interface ClientLine {
  readonly name: string;
  readonly keys: Readonly<Record<string, () => Promise<Identity>>>;
  delegate(from: Identity, to: Identity, options: DelegationOptions): Promise<Identity>;
  connect(options: ConnectOptions): Promise<Client>;
}

export interface ConnectOptions {
  readonly host: string;
  readonly identity?: Identity;
  readonly fetch?: typeof fetch;
}

export interface DelegationOptions {
  /** Text. */
  readonly targets?: readonly string[];
  readonly expiration?: Date;
}

/** An identity of the line it came from. */
export interface Identity {
  getPrincipal(): { toText(): string };
}

export interface Client {
  /** Calls a method by the interface given; unwraps the one result. */
  call(canister: string, method: Method, args?: readonly unknown[]): Promise<unknown>;
  /** Through /api/v2 and then polling. */
  callAsynchronously(canister: string, method: string, arg: Uint8Array): Promise<Uint8Array>;
  /** Values by name; null where the client could not read one. */
  canisterStatus(canister: string, paths: readonly StatusPath[]): Promise<Map<string, unknown>>;
  installCode(canister: string, module: Uint8Array): Promise<void>;
  createCanister(): Promise<string>;
  syncTime(): Promise<void>;
}

export type StatusPath = 'time' | 'controllers' | 'subnet' | 'module_hash' | 'candid' | { readonly metadata: string };

export interface Method {
  readonly name: string;
  readonly kind: 'update' | 'query';
  readonly result: 'text' | 'principal' | 'nat';
}

type AnyIDL = typeof sdkIDL;
type Actor = Record<string, (...args: unknown[]) => Promise<unknown>>;

const management = 'aaaaa-aa';

/** The part of the management canister that the suite uses. */
const managementInterface = ({ IDL }: { IDL: AnyIDL }) =>
  IDL.Service({
    provisional_create_canister_with_cycles: IDL.Func(
      [IDL.Record({ amount: IDL.Opt(IDL.Nat) })],
      [IDL.Record({ canister_id: IDL.Principal })],
      [],
    ),
    install_code: IDL.Func(
      [
        IDL.Record({
          mode: IDL.Variant({ install: IDL.Null, reinstall: IDL.Null }),
          canister_id: IDL.Principal,
          wasm_module: IDL.Vec(IDL.Nat8),
          arg: IDL.Vec(IDL.Nat8),
        }),
      ],
      [],
      [],
    ),
  });

const methodInterface =
  ({ name, kind, result }: Method) =>
  ({ IDL }: { IDL: AnyIDL }) => {
    const type = { text: IDL.Text, principal: IDL.Principal, nat: IDL.Nat }[result];
    return IDL.Service({ [name]: IDL.Func([], [type], kind === 'query' ? ['query'] : []) });
  };

interface LineParts {
  createActor(factory: (idl: { IDL: AnyIDL }) => unknown, canister: string, effective?: string): Actor;
  principal(text: string): unknown;
  callAsynchronously: Client['callAsynchronously'];
  canisterStatus: Client['canisterStatus'];
  syncTime(): Promise<void>;
}

function createClient(parts: LineParts): Client {
  const { createActor, principal } = parts;
  return {
    call: (canister, method, args = []) => createActor(methodInterface(method), canister)[method.name]!(...args),
    callAsynchronously: parts.callAsynchronously,
    canisterStatus: parts.canisterStatus,
    syncTime: parts.syncTime,
    createCanister: async () => {
      const actor = createActor(managementInterface, management);
      const created = await actor.provisional_create_canister_with_cycles!({ amount: [] });
      return (created as { canister_id: { toText(): string } }).canister_id.toText();
    },
    installCode: async (canister, module) => {
      const actor = createActor(managementInterface, management, canister);
      const canister_id = principal(canister);
      await actor.install_code!({ mode: { install: null }, canister_id, wasm_module: module, arg: new Uint8Array() });
    },
  };
}

export const dfinityLine: ClientLine = {
  name: '@dfinity/agent 3.4',
  keys: {
    Ed25519: async () => dfinityIdentity.Ed25519KeyIdentity.generate(),
    'ECDSA P-256': () => dfinityIdentity.ECDSAKeyIdentity.generate(),
  },
  delegate: async (from, to, { targets, expiration }) => {
    const chain = await dfinityIdentity.DelegationChain.create(
      from as dfinity.SignIdentity,
      (to as dfinity.SignIdentity).getPublicKey(),
      expiration ?? new Date(Date.now() + 3_600_000),
      targets === undefined ? {} : { targets: targets.map((id) => DfinityPrincipal.fromText(id)) },
    );
    return dfinityIdentity.DelegationIdentity.fromDelegation(to as dfinity.SignIdentity, chain);
  },
  connect: async ({ host, identity, fetch }) => {
    const agent = await dfinity.HttpAgent.create({
      host,
      shouldFetchRootKey: true,
      retryTimes: 0,
      ...(identity === undefined ? {} : { identity: identity as dfinity.Identity }),
      ...(fetch === undefined ? {} : { fetch }),
    });
    return createClient({
      principal: (id) => DfinityPrincipal.fromText(id),
      createActor: (factory, canister, effective) =>
        dfinity.Actor.createActor(() => factory({ IDL: dfinityIDL as never }) as never, {
          agent,
          canisterId: canister,
          ...(effective === undefined ? {} : { effectiveCanisterId: DfinityPrincipal.fromText(effective) }),
        }),
      callAsynchronously: async (canister, methodName, arg) => {
        const { requestId } = await agent.call(canister, { methodName, arg, callSync: false });
        const polled = await dfinity.polling.pollForResponse(agent, DfinityPrincipal.fromText(canister), requestId);
        return polled.reply;
      },
      canisterStatus: async (canister, paths) => {
        const canisterId = DfinityPrincipal.fromText(canister);
        const custom = paths.map((path) =>
          typeof path === 'string'
            ? path
            : new dfinity.CanisterStatus.CustomPath(path.metadata, path.metadata, 'utf-8'),
        );
        return dfinity.CanisterStatus.request({ canisterId, agent, paths: custom as never }) as Promise<
          Map<string, unknown>
        >;
      },
      syncTime: () => agent.syncTime(),
    });
  },
};

export const sdkLine: ClientLine = {
  name: '@icp-sdk/core 6.1',
  keys: {
    Ed25519: async () => sdkIdentity.Ed25519KeyIdentity.generate(),
    'ECDSA P-256': () => sdkIdentity.ECDSAKeyIdentity.generate(),
    'ECDSA secp256k1': async () => Secp256k1KeyIdentity.generate(),
  },
  delegate: async (from, to, { targets, expiration }) => {
    const chain = await sdkIdentity.DelegationChain.create(
      from as sdk.SignIdentity,
      (to as sdk.SignIdentity).getPublicKey(),
      expiration ?? new Date(Date.now() + 3_600_000),
      targets === undefined ? {} : { targets: targets.map((id) => SdkPrincipal.fromText(id)) },
    );
    return sdkIdentity.DelegationIdentity.fromDelegation(to as sdk.SignIdentity, chain);
  },
  connect: async ({ host, identity, fetch }) => {
    const agent = await sdk.HttpAgent.create({
      host,
      shouldFetchRootKey: true,
      retryTimes: 0,
      ...(identity === undefined ? {} : { identity: identity as sdk.Identity }),
      ...(fetch === undefined ? {} : { fetch }),
    });
    return createClient({
      principal: (id) => SdkPrincipal.fromText(id),
      createActor: (factory, canister, effective) =>
        sdk.Actor.createActor(() => factory({ IDL: sdkIDL }) as never, {
          agent,
          canisterId: canister,
          ...(effective === undefined ? {} : { effectiveCanisterId: SdkPrincipal.fromText(effective) }),
        }),
      callAsynchronously: async (canister, methodName, arg) => {
        const { requestId } = await agent.call(canister, { methodName, arg, callSync: false });
        const target = { canisterId: SdkPrincipal.fromText(canister) };
        const polled = await sdk.polling.pollForResponse(agent, target, requestId);
        return polled.reply;
      },
      canisterStatus: async (canister, paths) => {
        const canisterId = SdkPrincipal.fromText(canister);
        const custom = paths.map((path) =>
          typeof path === 'string' ? path : new sdk.CanisterStatus.CustomPath(path.metadata, path.metadata, 'utf-8'),
        );
        return sdk.CanisterStatus.request({ canisterId, agent, paths: custom as never }) as Promise<
          Map<string, unknown>
        >;
      },
      syncTime: () => agent.syncTime(),
    });
  },
};
