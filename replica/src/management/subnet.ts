// What the subnet tells about itself: subnet_info, subnet_metrics, node_metrics_history, list_canisters, raw_rand.
import { ok, type Result, refuse } from '@tamc/base/result';
import { blob } from '../codec/candid.ts';
import { canisterIndexOfId, type Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';
import type { World } from '../state/world.ts';
import { replicaVersion } from '../version.ts';
import { isAdmin } from './access.ts';
import { subnetBytes } from './memory.ts';
import { defineSubnetChange, defineSubnetRead, reply } from './method.ts';
import { consumedTotal } from './metrics.ts';
import { foreignSubnet, onlyForAdmins } from './refusals.ts';
import {
  listCanistersResult,
  nodeMetricsHistoryArgs,
  nodeMetricsHistoryResult,
  subnetIdRecord,
  subnetInfoResult,
  subnetMetricsResult,
} from './types.ts';

const forCanisters = { ingress: false, canisters: true, queries: false, refusal: () => null } as const;

export const rawRand = defineSubnetChange({
  ...forCanisters,
  name: 'raw_rand',
  argument: null,
  result: blob,
  apply: ({ world }) => reply(world.drawRandom()),
});

export const subnetInfo = defineSubnetRead({
  ...forCanisters,
  name: 'subnet_info',
  argument: subnetIdRecord,
  result: subnetInfoResult,
  read: ({ world, argument }) =>
    onThisSubnet(world, argument.subnet_id, () => ({
      replica_version: `tamc-${replicaVersion}`,
      registry_version: 1n,
    })),
});

export const subnetMetrics = defineSubnetRead({
  ...forCanisters,
  name: 'subnet_metrics',
  argument: subnetIdRecord,
  result: subnetMetricsResult,
  read: ({ world, argument }) =>
    onThisSubnet(world, argument.subnet_id, () => ({
      block_height: BigInt(world.state.round),
      num_canisters: BigInt(world.state.canisters.size),
      canister_state_bytes: subnetBytes(world),
      consumed_cycles_total: consumedOnSubnet(world),
      update_transactions_total: world.state.updateTransactions,
    })),
});

/** No samples: there are no other nodes whose work would be measured. */
export const nodeMetricsHistory = defineSubnetRead({
  ...forCanisters,
  name: 'node_metrics_history',
  argument: nodeMetricsHistoryArgs,
  result: nodeMetricsHistoryResult,
  read: ({ world, argument }) => onThisSubnet(world, argument.subnet_id, () => []),
});

export const listCanisters = defineSubnetRead({
  name: 'list_canisters',
  argument: null,
  result: listCanistersResult,
  ingress: false,
  canisters: false,
  queries: true,
  refusal: (world, caller) => (isAdmin(world, caller) ? null : onlyForAdmins(caller, 'list_canisters')),
  read: ({ world }) => ok({ canisters: toRanges([...world.state.canisters.keys()].sort()) }),
});

function onThisSubnet<R>(world: World, id: Principal, value: () => R): Result<R, Reject> {
  return id === world.subnet.subnetId ? ok(value()) : refuse(foreignSubnet(id));
}

function consumedOnSubnet({ state }: World): bigint {
  let sum = state.consumedByDeleted;
  for (const canister of state.canisters.values()) sum += consumedTotal(canister);
  return sum;
}

/** Sorted ids as ranges without gaps. */
function toRanges(ids: readonly Principal[]): { readonly start: Principal; readonly end: Principal }[] {
  const ranges: { start: Principal; end: Principal }[] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last !== undefined && follows(last.end, id)) last.end = id;
    else ranges.push({ start: id, end: id });
  }
  return ranges;
}

function follows(first: Principal, second: Principal): boolean {
  const index = canisterIndexOfId(first);
  return index !== null && canisterIndexOfId(second) === index + 1n;
}
