// The registry: which machines, ledgers and code there are; births and upgrades.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { type CandidComputeSource, type CandidLedger, OpenCallType } from '@tamc/protocol/identity';
import { type CandidGrant, GrantType } from '@tamc/protocol/mandate';
import type { PrincipalHex } from '@tamc/protocol/principal';
import {
  BearType,
  BirthsOrderedType,
  BirthTermsType,
  BirthType,
  type CandidBear,
  type CandidCodeArgs,
  type CandidLedgerArgs,
  CodeArgsType,
  CodeType,
  LedgerArgsType,
  MachineOfType,
  MachineType,
  PageType,
  RegisteredLedgerType,
  SettingsType,
  UpgradeType,
} from '@tamc/protocol/registry-candid';
import type { Bytes, Opt, Word } from './candid-values.ts';
import type { Connection } from './connection.ts';
import { bindService, queryMethod, type Service, updateMethod } from './service.ts';

export interface CodeReply {
  readonly kind: string;
  readonly version: string;
  readonly module_hash: Bytes;
  readonly chunk_hashes: Bytes[];
  readonly standing: Word<'checking' | 'approved' | 'refused' | 'retired'>;
  readonly problem: Opt<string>;
  readonly time_ns: bigint;
}

export interface RegisteredLedgerReply {
  readonly ledger: CandidLedger;
  readonly home: boolean;
  readonly retired: boolean;
}

export interface BirthReply {
  readonly birth: number;
  readonly step: Word<'creating' | 'installing' | 'looking' | 'handing' | 'born'>;
  readonly canister: Opt<Principal>;
  readonly problem: Opt<string>;
  /** While a step is tried again: why it failed last. */
  readonly last_reject: Opt<string>;
  readonly is_unknown: boolean;
  readonly by: Principal;
  readonly operator: Principal;
  readonly kind: string;
  readonly module_hash: Bytes;
  readonly started_ns: bigint;
  readonly changed_ns: bigint;
}

export interface MachineReply {
  readonly canister: Principal;
  readonly operator: Principal;
  readonly kind: string;
  readonly make: string;
  readonly model: string;
  readonly place: string;
  readonly parent: Opt<Principal>;
  readonly generation: number;
  readonly module_hash: Bytes;
  readonly birth: number;
  readonly born_ns: bigint;
  readonly upgrade: Opt<number>;
}

export interface MachineOfReply {
  readonly birth: number;
  readonly canister: Principal;
}

export interface UpgradeReply {
  readonly upgrade: number;
  readonly machine: Principal;
  readonly by: Principal;
  readonly from_hash: Bytes;
  readonly to_hash: Bytes;
  readonly step: string;
  readonly outcome: Opt<Word<'upgraded' | 'refused' | 'failed'>>;
  readonly code: string;
  readonly problem: string;
  readonly is_stalled: boolean;
  readonly started_ns: bigint;
  readonly changed_ns: bigint;
}

export interface RegistrySettingsReply {
  readonly governor: Principal;
  readonly governance_offered_to: Opt<Principal>;
  readonly network: Word<'embedded' | 'local' | 'main' | 'engine'>;
  readonly births_per_caller: number;
  readonly birth_cycles: bigint;
  readonly compute: CandidComputeSource;
  readonly home_ledger: Opt<Principal>;
  readonly machines: number;
  readonly births: number;
  readonly upgrades: number;
  readonly cycles: bigint;
}

export interface BirthTerms {
  readonly births_per_caller: number;
  readonly birth_cycles: bigint;
  readonly compute: CandidComputeSource;
}

export interface Page<T> {
  readonly items: T[];
  readonly next: number;
  readonly end: number;
}

const Blob = IDL.Vec(IDL.Nat8);

export const registryMethods = {
  settings: queryMethod<[], RegistrySettingsReply>([], SettingsType),
  codes: queryMethod<[], CodeReply[]>([], IDL.Vec(CodeType)),
  ledgers: queryMethod<[], RegisteredLedgerReply[]>([], IDL.Vec(RegisteredLedgerType)),
  machines: queryMethod<[from: number, limit: number], Page<MachineReply>>(
    [IDL.Nat32, IDL.Nat32],
    PageType(MachineType),
  ),
  /** Those that this operator operates now, from this birth on. */
  machines_of: queryMethod<[operator: Principal, from: number, limit: number], MachineOfReply[]>(
    [IDL.Principal, IDL.Nat32, IDL.Nat32],
    IDL.Vec(MachineOfType),
  ),
  machine: queryMethod<[Principal], Opt<MachineReply>>([IDL.Principal], IDL.Opt(MachineType)),
  birth: queryMethod<[birth: number], Opt<BirthReply>>([IDL.Nat32], IDL.Opt(BirthType)),
  births: queryMethod<[from: number, limit: number], Page<BirthReply>>([IDL.Nat32, IDL.Nat32], PageType(BirthType)),
  upgrade_status: queryMethod<[number], Opt<UpgradeReply>>([IDL.Nat32], IDL.Opt(UpgradeType)),
  open_calls: queryMethod<[], { callee: Principal; method: string; since_ns: bigint }[]>([], IDL.Vec(OpenCallType)),
  approve_code: updateMethod<[CandidCodeArgs], CodeReply>([CodeArgsType], CodeType, true),
  retire_code: updateMethod<[Bytes], null>([Blob], IDL.Null, true),
  add_ledger: updateMethod<[CandidLedgerArgs], null>([LedgerArgsType], IDL.Null, true),
  retire_ledger: updateMethod<[Principal], null>([IDL.Principal], IDL.Null, true),
  set_birth_terms: updateMethod<[BirthTerms], null>([BirthTermsType], IDL.Null, true),
  allow_operator: updateMethod<[Principal, births: number], null>([IDL.Principal, IDL.Nat32], IDL.Null, true),
  /** Who brings machines to life for the caller, and with which mandate each of them starts. */
  set_standing_mandate: updateMethod<[CandidGrant], null>([GrantType], IDL.Null, true),
  /** Machines that are born already keep their mandates. */
  revoke_standing_mandate: updateMethod<[delegate: Principal], null>([IDL.Principal], IDL.Null, false),
  standing_mandates: queryMethod<[operator: Principal], CandidGrant[]>([IDL.Principal], IDL.Vec(GrantType)),
  bear: updateMethod<[CandidBear], { first: number; count: number }>([BearType], BirthsOrderedType, true),
  resume_births: updateMethod<[number[]], null>([IDL.Vec(IDL.Nat32)], IDL.Null, true),
  upgrade: updateMethod<[{ machine: Principal; module_hash: Bytes }], number>(
    [IDL.Record({ machine: IDL.Principal, module_hash: Blob })],
    IDL.Nat32,
    false,
  ),
};

export type Registry = Service<typeof registryMethods>;

export function bindRegistry(connection: Connection, registry: PrincipalHex): Registry {
  return bindService(connection, registry, registryMethods);
}
