// The state tree of the specification ("The system state tree"), kept from round to round: each round gives a new
// version that shares all that did not change with the one before, so a certificate can be made for an older round too.
import { parseHex, textToBytes } from '@tamc/base/bytes';
import { cborMap, encodeCBOR } from '../codec/cbor.ts';
import { encodeUnsignedLeb128 } from '../codec/leb128.ts';
import { type Principal, principalToBytes } from '../codec/principal.ts';
import { errorCodeText } from '../errors.ts';
import type { SubnetIdentity } from '../http/core.ts';
import type { Canister } from '../state/canister.ts';
import type { RequestId } from '../state/message.ts';
import type { ReplicaState, RequestStatus } from '../state/replica-state.ts';
import type { ModuleStore } from '../state/world.ts';
import {
  deleteLabel,
  emptyLabelMap,
  getLabel,
  type LabelMap,
  labelMapEntries,
  labelMapOf,
  type Subtree,
  setLabel,
} from './label-map.ts';

export interface StateTree {
  readonly root: LabelMap;
  readonly canisters: LabelMap;
  readonly requests: LabelMap;
  /** What of each canister is in the tree, to see whether it changed. */
  readonly shown: Map<Principal, ShownCanister>;
  readonly totals: Totals;
}

/** Sums over all canisters for the subnet's metrics, kept up to date canister by canister. */
interface Totals {
  readonly parts: Map<Principal, { readonly bytes: bigint; readonly consumed: bigint }>;
  bytes: bigint;
  consumed: bigint;
}

type ShownCanister = Pick<Canister, 'controllers' | 'certifiedData'> & {
  readonly code: { moduleHash: string; installedAtNs: bigint } | null;
};

export interface TreeFacts {
  readonly subnet: SubnetIdentity;
  /** DER. */
  readonly rootKey: Uint8Array;
  /** DER. */
  readonly nodeKey: Uint8Array;
}

const label = (name: string) => textToBytes(name);
const text = label;
const nat = (value: bigint) => encodeUnsignedLeb128(value);
const selfDescribed = { selfDescribed: true } as const;

export function createStateTree(facts: TreeFacts, state: ReplicaState, modules: ModuleStore): StateTree {
  const empty: StateTree = {
    root: constantTree(facts),
    canisters: emptyLabelMap,
    requests: emptyLabelMap,
    shown: new Map(),
    totals: { parts: new Map(), bytes: 0n, consumed: 0n },
  };
  return updateStateTree(empty, state, modules, { canisters: state.canisters.keys(), requests: state.requests.keys() });
}

/** The tree after a round that touched (at most) these canisters and requests. */
export function updateStateTree(
  tree: StateTree,
  state: ReplicaState,
  modules: ModuleStore,
  changed: { readonly canisters: Iterable<Principal>; readonly requests: Iterable<RequestId> },
): StateTree {
  let { canisters, requests } = tree;
  for (const id of changed.canisters) {
    canisters = showCanister(tree, canisters, id, state.canisters.get(id), modules);
    count(tree.totals, id, state.canisters.get(id));
  }
  for (const id of changed.requests) {
    const record = state.requests.get(id);
    const key = parseHex(id)!;
    requests = record === undefined ? deleteLabel(requests, key) : setLabel(requests, key, statusTree(record.status));
  }
  let root = setLabel(tree.root, label('time'), nat(state.timeNs));
  root = setLabel(root, label('canister'), canisters);
  root = setLabel(root, label('request_status'), requests);
  root = showMetrics(root, subnetMetrics(state, tree.totals));
  return { ...tree, root, canisters, requests };
}

function count(totals: Totals, id: Principal, canister: Canister | undefined): void {
  const before = totals.parts.get(id) ?? { bytes: 0n, consumed: 0n };
  const now = canister === undefined ? { bytes: 0n, consumed: 0n } : measure(canister);
  totals.bytes += now.bytes - before.bytes;
  totals.consumed += now.consumed - before.consumed;
  if (canister === undefined) totals.parts.delete(id);
  else totals.parts.set(id, now);
}

const wasmPageBytes = 65_536;

function measure({ code, stable, burnedCycles }: Canister): { bytes: bigint; consumed: bigint } {
  const consumed = Object.values(burnedCycles).reduce((sum, cycles) => sum + cycles, 0n);
  return { bytes: BigInt((stable.sizePages + (code?.heap.sizePages ?? 0)) * wasmPageBytes), consumed };
}

function showCanister(
  tree: StateTree,
  canisters: LabelMap,
  id: Principal,
  canister: Canister | undefined,
  modules: ModuleStore,
): LabelMap {
  if (canister === undefined) {
    tree.shown.delete(id);
    return deleteLabel(canisters, principalToBytes(id));
  }
  if (isShown(tree.shown.get(id), canister)) return canisters;
  const { controllers, certifiedData, code } = canister;
  tree.shown.set(id, { controllers, certifiedData, code });
  return setLabel(canisters, principalToBytes(id), canisterTree(canister, modules));
}

function isShown(shown: ShownCanister | undefined, canister: Canister): boolean {
  return (
    shown !== undefined &&
    shown.controllers === canister.controllers &&
    shown.certifiedData === canister.certifiedData &&
    shown.code?.moduleHash === canister.code?.moduleHash &&
    shown.code?.installedAtNs === canister.code?.installedAtNs
  );
}

function canisterTree(canister: Canister, modules: ModuleStore): LabelMap {
  const controllers = encodeCBOR(canister.controllers.map(principalToBytes), selfDescribed);
  const entries: [Uint8Array, Subtree][] = [
    [label('canister_creation_timestamp'), nat(canister.createdAtNs)],
    [label('certified_data'), canister.certifiedData],
    [label('controllers'), controllers],
  ];
  if (canister.code === null) return labelMapOf(entries);
  const { moduleHash, installedAtNs } = canister.code;
  const sections = modules.get(moduleHash).customSections;
  entries.push(
    [label('module_hash'), parseHex(moduleHash)!],
    [label('last_install_timestamp'), nat(installedAtNs)],
    [label('metadata'), labelMapOf(sections.map(({ name, content }) => [label(name), content]))],
  );
  return labelMapOf(entries);
}

/** Built anew each time it is shown: statuses never change in place. */
function statusTree(status: RequestStatus): Subtree {
  return () => labelMapOf([[label('status'), text(status.kind)], ...statusFields(status)]);
}

function statusFields(status: RequestStatus): [Uint8Array, Subtree][] {
  if (status.kind === 'replied') return [[label('reply'), status.reply]];
  if (status.kind !== 'rejected') return [];
  const { code, message, error } = status.reject;
  const fields: [Uint8Array, Subtree][] = [
    [label('reject_code'), nat(BigInt(code))],
    [label('reject_message'), text(message)],
  ];
  if (error !== null) fields.push([label('error_code'), text(errorCodeText(error))]);
  return fields;
}

/** What never changes while the network runs: the subnet, its node and its ranges. */
function constantTree({ subnet, rootKey, nodeKey }: TreeFacts): LabelMap {
  const ranges = encodeCBOR(
    subnet.canisterRanges.map(({ first, last }) => [principalToBytes(first), principalToBytes(last)]),
    selfDescribed,
  );
  const node = labelMapOf([[principalToBytes(subnet.nodeId), labelMapOf([[label('public_key'), nodeKey]])]]);
  const facts = labelMapOf([
    [label('canister_ranges'), ranges],
    [label('node'), node],
    [label('public_key'), rootKey],
    [label('type'), text(subnet.type)],
  ]);
  const shard = labelMapOf([[principalToBytes(subnet.canisterRanges[0]!.first), ranges]]);
  return labelMapOf([
    [label('subnet'), labelMapOf([[principalToBytes(subnet.subnetId), facts]])],
    [label('canister_ranges'), labelMapOf([[principalToBytes(subnet.subnetId), shard]])],
  ]);
}

/** `/subnet/<id>/metrics`; the one subnet there is. */
function showMetrics(root: LabelMap, metrics: Uint8Array): LabelMap {
  const subnets = getLabel(root, label('subnet')) as LabelMap;
  const [[id, facts]] = labelMapEntries(subnets) as Iterable<[Uint8Array, LabelMap]> as [[Uint8Array, LabelMap]];
  return setLabel(root, label('subnet'), setLabel(subnets, id, setLabel(facts, label('metrics'), metrics)));
}

function subnetMetrics(state: ReplicaState, totals: Totals): Uint8Array {
  const consumed = totals.consumed + state.consumedByDeleted;
  return encodeCBOR(
    cborMap({
      num_canisters: state.canisters.size,
      canister_state_bytes: totals.bytes,
      consumed_cycles_total: cborMap({ low: consumed & ((1n << 64n) - 1n), high: consumed >> 64n }),
      update_transactions_total: state.updateTransactions,
    }),
    selfDescribed,
  );
}
