// What the certified state tree says of the subnet as a whole.
import { Cbor } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { createReplica } from '@tamc/replica';
import { expect, it } from 'vitest';
import { verifyCertificate } from '../../replica/src/certification/certificate.ts';
import { lookup } from '../../replica/src/certification/lookup.ts';
import { compileWat, createCanister, createWith, reply } from '../harness/canisters.ts';

const counter = `(module
  (import "ic0" "msg_reply" (func $reply))
  (memory 2)
  (func (export "canister_update go") (call $reply)))`;

it('[tree.subnet-metrics] counts canisters, their memory, the cycles they consumed and the updates', async () => {
  const replica = await createReplica({ memory: true });
  const canister = await createWith(replica, await compileWat(counter));
  await createCanister(replica);
  for (let i = 0; i < 3; i++) await reply(replica.call({ canister, method: 'go' }));
  const metrics = await readMetrics(replica);
  expect(Number(metrics.num_canisters)).toBe(2);
  expect(Number(metrics.canister_state_bytes)).toBe(2 * 65_536);
  expect(Number(metrics.update_transactions_total)).toBe(3);
  expect(BigInt(metrics.consumed_cycles_total!.low)).toBeGreaterThan(3n * 5_000_000n);
  await replica.close();
});

interface Metrics {
  readonly num_canisters: bigint | number;
  readonly canister_state_bytes: bigint | number;
  readonly update_transactions_total: bigint | number;
  readonly consumed_cycles_total: { readonly low: bigint | number } | undefined;
}

async function readMetrics(replica: Awaited<ReturnType<typeof createReplica>>): Promise<Metrics> {
  const subnet = Principal.selfAuthenticating(replica.rootKey);
  const path = ['subnet', subnet.toUint8Array(), 'metrics'].map((part) =>
    typeof part === 'string' ? new TextEncoder().encode(part) : part,
  );
  const body = Cbor.encode({
    content: {
      request_type: 'read_state',
      sender: Principal.anonymous(),
      ingress_expiry: BigInt(Date.now() + 60_000) * 1_000_000n,
      paths: [path],
    },
  });
  const response = await replica.fetch(`http://127.0.0.1/api/v3/subnet/${subnet.toText()}/read_state`, {
    method: 'POST',
    body: new Uint8Array(body),
  });
  expect(response.status).toBe(200);
  const { certificate } = Cbor.decode(new Uint8Array(await response.arrayBuffer())) as { certificate: Uint8Array };
  const tree = await verifyCertificate(certificate, replica.rootKey);
  if (!tree.ok) throw new Error(tree.error);
  const found = lookup(path, tree.value);
  if (found.kind !== 'found') throw new Error(`the metrics are ${found.kind}`);
  return Cbor.decode(found.value) as Metrics;
}
