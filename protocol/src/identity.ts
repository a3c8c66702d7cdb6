// What a machine is: its birth, description, charter, operator, and how an upgrade of it is decided. Commands, events, refusals.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { added, count, flag, list, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { type CandidGrant, GrantType } from './mandate.ts';
import { principal, timeNs } from './principal-codec.ts';
import { defineRefusals } from './refusal.ts';

export const identityLimits = {
  /** `washer`, `3d-printer`; shown in lists. */
  kindCharsMax: 32,
  makeCharsMax: 64,
  /** A geohash of 12 characters is a cell of a few centimetres; nothing on the ground needs more. */
  placeCharsMax: 12,
  /** A charter is some pages of text, read by people; it is answered whole. */
  charterBytesMax: 16_384,
  /** A family tree this deep would be centuries; the bound keeps arithmetic on it safe. */
  generationMax: 1_000_000,
  /** An upgrade takes under a minute; a forgotten one lets the machine work again after this. */
  quietNs: 600_000_000_000n,
  /** An approval is meant for now: a module approved last year must not be installed by surprise. */
  approvalNs: 30n * 86_400_000_000_000n,
} as const;

export const LedgerType = IDL.Record({
  id: IDL.Principal,
  symbol: IDL.Text,
  decimals: IDL.Nat8,
  fee: IDL.Nat,
});

export const ComputeSourceType = IDL.Variant({
  none: IDL.Null,
  simulated_desk: IDL.Record({ desk: IDL.Principal }),
  minting_canister: IDL.Record({ cmc: IDL.Principal, icp_ledger: IDL.Principal }),
});

/** The argument with which the registry installs a machine. */
export const MachineInitType = IDL.Record({
  registry: IDL.Principal,
  operator: IDL.Principal,
  kind: IDL.Text,
  make: IDL.Text,
  model: IDL.Text,
  place: IDL.Text,
  thing: IDL.Text,
  charter: IDL.Text,
  parent: IDL.Opt(IDL.Principal),
  generation: IDL.Nat32,
  ledgers: IDL.Vec(LedgerType),
  home_ledger: IDL.Principal,
  compute: ComputeSourceType,
  /** In force from the first moment on. */
  mandates: IDL.Vec(GrantType),
});

export interface CandidLedger {
  readonly id: Principal;
  readonly symbol: string;
  readonly decimals: number;
  readonly fee: bigint;
}

export type CandidComputeSource =
  | { readonly none: null }
  | { readonly simulated_desk: { readonly desk: Principal } }
  | { readonly minting_canister: { readonly cmc: Principal; readonly icp_ledger: Principal } };

export interface MachineInit {
  readonly registry: Principal;
  readonly operator: Principal;
  readonly kind: string;
  readonly make: string;
  readonly model: string;
  readonly place: string;
  readonly thing: string;
  readonly charter: string;
  readonly parent: [] | [Principal];
  readonly generation: number;
  readonly ledgers: readonly CandidLedger[];
  readonly home_ledger: Principal;
  readonly compute: CandidComputeSource;
  readonly mandates: readonly CandidGrant[];
}

export const identityEvents = {
  MachineBorn: record({
    registry: principal,
    operator: principal,
    /** `kind` is the name of the event. */
    machineKind: text,
    make: text,
    model: text,
    place: text,
    parent: optional(principal),
    generation: count,
  }),
  MachineDescribed: record({ thing: text, thingHash: text, actions: list(text) }),
  CharterSet: record({ charter: text, charterHash: text }),
  OperationOffered: record({ to: optional(principal) }),
  OperationAccepted: record({ operator: principal }),
  UpgradeApproved: record({ moduleHash: text, expiresNs: timeNs }),
  /** By the registry, which could not upgrade, the approval stays. */
  UpgradeWithdrawn: record({ isApprovalKept: flag }),
  UpgradePrepared: record({ quietUntilNs: timeNs, moduleHash: added(optional(text), null) }),
  MachineUpgraded: record({ version: text }),
};

const identityEvent = variant(identityEvents);
export type IdentityEvent = ValueOf<typeof identityEvent>;

export const identityRefusals = defineRefusals({
  NotOperator: {
    kind: 'caller',
    message: 'only the operator of this machine may do this',
    nextStep: 'ask {operator}, or sign with that identity',
  },
  NotRegistry: {
    kind: 'caller',
    message: 'only the registry {registry} may do this',
    nextStep: 'ask the registry to upgrade the machine',
  },
  PowerMissing: {
    kind: 'caller',
    message: 'the caller has no mandate with the power {power}',
    nextStep: 'ask the operator {operator} for a mandate with this power',
  },
  AnonymousCaller: {
    kind: 'caller',
    message: 'the anonymous caller can be anybody',
    nextStep: 'sign the call with an identity',
  },
  FieldInvalid: {
    kind: 'input',
    message: '{field} must be {wanted}',
    nextStep: 'correct {field} and send it again',
  },
  ThingInvalid: {
    kind: 'input',
    message: 'the Thing Description is refused: {reason}',
    nextStep: 'send a W3C Thing Description 1.1 as JSON, with @context, title, properties and actions',
  },
  OperatorUnfit: {
    kind: 'input',
    message: '{who} cannot operate this machine: {reason}',
    nextStep: 'offer the operation to the identity of a person or an organisation',
  },
  NothingOffered: {
    kind: 'state',
    message: 'the operation of this machine is not offered to the caller',
    nextStep: 'ask the operator {operator} to call offer_operation with your principal',
  },
  UpgradeNotApproved: {
    kind: 'approval',
    message: 'the operator has not approved this module, or the approval was withdrawn or has expired',
    nextStep: 'the operator {operator} calls approve_upgrade with the hash of the new module',
  },
});

export const IdentityType = IDL.Record({
  kind: IDL.Text,
  make: IDL.Text,
  model: IDL.Text,
  place: IDL.Text,
  operator: IDL.Principal,
  operation_offered_to: IDL.Opt(IDL.Principal),
  registry: IDL.Principal,
  parent: IDL.Opt(IDL.Principal),
  generation: IDL.Nat32,
  born_ns: IDL.Nat64,
  thing: IDL.Text,
  thing_hash: IDL.Vec(IDL.Nat8),
  charter: IDL.Text,
  charter_hash: IDL.Vec(IDL.Nat8),
  actions: IDL.Vec(IDL.Text),
  version: IDL.Text,
});

export const UpgradeDecisionType = IDL.Record({
  /** The module that the operator wants, while the approval lasts. */
  module_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
  expires_ns: IDL.Opt(IDL.Nat64),
});

export const OpenCallType = IDL.Record({ callee: IDL.Principal, method: IDL.Text, since_ns: IDL.Nat64 });

/** Optional, because what is added to a method of machines that are there must be; without it nothing is prepared. */
export const PrepareUpgradeType = IDL.Opt(IDL.Record({ hash: IDL.Vec(IDL.Nat8) }));

export const PreparedUpgradeType = IDL.Record({ open_calls: IDL.Vec(OpenCallType), quiet_until_ns: IDL.Nat64 });
