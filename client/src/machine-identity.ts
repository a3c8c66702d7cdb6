// What a machine is, who operates it, how its next code is decided, and what it waits for.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { IdentityType, OpenCallType, UpgradeDecisionType } from '@tamc/protocol/identity';
import { MachineType } from '@tamc/protocol/machine';
import type { Bytes, Opt, Word } from './candid-values.ts';
import type { LeaseReply, StopReply } from './machine-control.ts';
import type { DeviceReply } from './machine-devices.ts';
import { queryMethod, updateMethod } from './service.ts';

export interface IdentityReply {
  readonly kind: string;
  readonly make: string;
  readonly model: string;
  readonly place: string;
  readonly operator: Principal;
  readonly operation_offered_to: Opt<Principal>;
  readonly registry: Principal;
  readonly parent: Opt<Principal>;
  readonly generation: number;
  readonly born_ns: bigint;
  readonly thing: string;
  readonly thing_hash: Bytes;
  readonly charter: string;
  readonly charter_hash: Bytes;
  readonly actions: string[];
  readonly version: string;
}

/** All that a screen shows at first. */
export interface MachineViewReply {
  readonly kind: string;
  readonly make: string;
  readonly model: string;
  readonly place: string;
  readonly operator: Principal;
  readonly version: string;
  readonly stopped: Opt<StopReply>;
  readonly frozen: boolean;
  readonly quiet: boolean;
  readonly lease: Opt<LeaseReply>;
  readonly devices: DeviceReply[];
  readonly open_commands: number;
  /** All that are not settled: what `orders_at_once` of the tariff counts. */
  readonly open_orders: number;
  /** Of those, the ones that the device is at work for. */
  readonly running_orders: number;
  readonly condition: Opt<Word<'good' | 'watch' | 'due' | 'fault'>>;
}

export interface OpenCallReply {
  readonly callee: Principal;
  readonly method: string;
  readonly since_ns: bigint;
}

const Blob = IDL.Vec(IDL.Nat8);
const OfferType = IDL.Record({ to: IDL.Opt(IDL.Principal) });

export const identityMethods = {
  identity: queryMethod<[], IdentityReply>([], IdentityType),
  machine: queryMethod<[], MachineViewReply>([], MachineType),
  describe: updateMethod<[thing: string], null>([IDL.Text], IDL.Null, true),
  set_charter: updateMethod<[charter: string], null>([IDL.Text], IDL.Null, true),
  offer_operation: updateMethod<[{ to: Opt<Principal> }], null>([OfferType], IDL.Null, true),
  accept_operation: updateMethod<[], null>([], IDL.Null, true),
  approve_upgrade: updateMethod<[{ hash: Bytes }], null>([IDL.Record({ hash: Blob })], IDL.Null, true),
  cancel_upgrade: updateMethod<[], null>([], IDL.Null, true),
  upgrade_decision: queryMethod<[], { module_hash: Opt<Bytes>; expires_ns: Opt<bigint> }>([], UpgradeDecisionType),
  open_calls: queryMethod<[], OpenCallReply[]>([], IDL.Vec(OpenCallType)),
  layout: queryMethod<[], string>([], IDL.Text),
};
