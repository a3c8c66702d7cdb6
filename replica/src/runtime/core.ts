// What the HTTP interface needs, answered by a running network.
import { textToBytes } from '@tamc/base/bytes';
import { principalToBytes } from '../codec/principal.ts';
import { createReject } from '../errors.ts';
import type { Core, Path, QueryAnswer, QueryCall } from '../http/core.ts';
import { refusalOfIngress } from '../scheduler/ingress.ts';
import { runQuery } from '../scheduler/query.ts';
import type { Driver } from './driver.ts';
import { createNodeIdentity } from './genesis.ts';
import { subnetIdentity } from './identity.ts';
import type { Network } from './network.ts';
import type { Time } from './time.ts';
import { createTimePort, type TimeControl } from './time-control.ts';

export function createCore(network: Network, driver: Driver, time: Time, timeControl: TimeControl): Core {
  const { state, modules } = network;
  const { nodeKey } = createNodeIdentity(state.seed);
  return {
    nowNs: time.nowNs,
    subnet: subnetIdentity(network.genesis),
    canisterExists: (id) => state.canisters.has(id),
    controllersOf: (id) => state.canisters.get(id)?.controllers ?? [],
    metadataVisibility: (id, name) => {
      const code = state.canisters.get(id)?.code;
      const section =
        code == null ? undefined : modules.get(code.moduleHash).customSections.find((each) => each.name === name);
      return section?.visibility ?? null;
    },
    requestRecord: (id) => state.requests.get(id) ?? null,
    submit: (call) => {
      const failure = driver.failure();
      if (failure !== null)
        return { kind: 'refused', reject: createReject('certifiedStateUnavailable', failure.message) };
      const known = state.requests.has(call.requestId);
      const refusal = known ? null : refusalOfIngress(network.scheduler, call, time.nowNs());
      if (refusal !== null) return { kind: 'refused', reject: refusal };
      return { kind: 'accepted', answered: driver.enqueue(call) };
    },
    query: (call) => query({ network, driver, time }, call),
    certificate: (paths) => certificate(network, driver, paths),
    signAsNode: (bytes) => nodeKey.sign(bytes),
    time: createTimePort(time, timeControl),
  };
}

async function certificate({ certifier }: Network, driver: Driver, paths: readonly Path[]): Promise<Uint8Array> {
  await certifier.ready();
  driver.freshen();
  const tree = certifier.current();
  await driver.durable();
  return certifier.certify(tree, paths);
}

interface Parts {
  readonly network: Network;
  readonly driver: Driver;
  readonly time: Time;
}

/** What a query tells must not be lost by a crash, so it waits for the rounds that it saw. */
function query(parts: Parts, call: QueryCall): QueryAnswer | Promise<QueryAnswer> {
  const { driver } = parts;
  if (driver.failure() !== null) return driver.durable().then(() => query(parts, call));
  const answer = queryNow(parts, call);
  return driver.isDurable() ? answer : driver.durable().then(() => answer);
}

/** A certificate costs a signature: it is made only for a query that asks for it, which then runs again with it. */
function queryNow(parts: Parts, call: QueryCall): QueryAnswer | Promise<QueryAnswer> {
  let isWanted = false;
  const answer = runQuery(parts.network.scheduler, call, parts.time.nowNs(), () => {
    isWanted = true;
    return null;
  });
  return isWanted ? queryWithCertificate(parts, call) : answer;
}

/** The certificate and the state that the query sees are of the same round; that round must be on disk before it is told. */
async function queryWithCertificate({ network, driver, time }: Parts, call: QueryCall): Promise<QueryAnswer> {
  const { certifier, scheduler } = network;
  await certifier.ready();
  driver.freshen();
  const tree = certifier.current();
  const path = [textToBytes('canister'), principalToBytes(call.canisterId), textToBytes('certified_data')];
  const answer = runQuery(scheduler, call, time.nowNs(), () => certifier.certify(tree, [path]));
  await driver.durable();
  return answer;
}
