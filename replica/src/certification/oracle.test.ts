// Second opinion: certificates made here must satisfy the public clients, both lines of them.

import {
  Certificate as AgentCertificate,
  reconstruct as agentReconstruct,
  Cbor,
  LookupPathStatus,
  lookup_path,
} from '@dfinity/agent';
import { Principal as AgentPrincipal } from '@dfinity/principal';
import * as core from '@icp-sdk/core/agent';
import * as corePrincipal from '@icp-sdk/core/principal';
import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCBOR } from '../codec/cbor.ts';
import { encodeUnsignedLeb128 } from '../codec/leb128.ts';
import {
  canisterIdOfIndex,
  type Principal,
  principalToBytes,
  selfAuthenticatingPrincipal,
} from '../codec/principal.ts';
import { type BlsKey, loadBls } from '../crypto/bls.ts';
import { type CertificateDelegation, encodeCertificate, signStateRoot } from './certificate.ts';
import { reconstruct } from './hash-tree.ts';
import { encodeHashTree } from './hash-tree-cbor.ts';
import { type LabelMap, labelMapOf, rootHash } from './label-map.ts';
import { lookup, type Path } from './lookup.ts';
import { revealAll, witness } from './witness.ts';

const text = textToBytes;
const time = encodeUnsignedLeb128(1_700_000_000_000_000_000n);
const canisterId = canisterIdOfIndex(5n);
const ranges = encodeCBOR([[0n, 10n].map((index) => principalToBytes(canisterIdOfIndex(index)))], {
  selfDescribed: true,
});

let root: BlsKey;
let subnet: BlsKey;

beforeAll(async () => {
  const bls = await loadBls();
  root = bls.createKey(new Uint8Array(32).fill(1));
  subnet = bls.createKey(new Uint8Array(32).fill(2));
});

function certify(key: BlsKey, map: LabelMap, paths: Path[], delegation: CertificateDelegation | null): Uint8Array {
  return encodeCertificate({ tree: witness(map, paths), signature: signStateRoot(key, rootHash(map)), delegation });
}

function delegationTo(key: BlsKey): CertificateDelegation {
  const subnetId: Principal = selfAuthenticatingPrincipal(key.publicKeyDer);
  const about = labelMapOf([
    [text('public_key'), key.publicKeyDer],
    [text('canister_ranges'), ranges],
  ]);
  const shards = labelMapOf([[principalToBytes(canisterIdOfIndex(0n)), ranges]]);
  const map = labelMapOf([
    [text('canister_ranges'), labelMapOf([[principalToBytes(subnetId), shards]])],
    [text('subnet'), labelMapOf([[principalToBytes(subnetId), about]])],
    [text('time'), time],
  ]);
  const paths = [[text('canister_ranges')], [text('subnet')], [text('time')]];
  return { subnetId, certificate: certify(root, map, paths, null) };
}

const state = labelMapOf([
  [text('time'), time],
  [text('request_status'), labelMapOf([[new Uint8Array(32).fill(7), labelMapOf([[text('status'), text('replied')]])]])],
]);
const statusPath = [text('request_status'), new Uint8Array(32).fill(7), text('status')];
const shown = [[text('time')], statusPath];

describe('the public clients', () => {
  it('accept a certificate of a delegated subnet and read it [certificate.verify]', async () => {
    const certificate = certify(subnet, state, shown, delegationTo(subnet));
    const common = { certificate, rootKey: root.publicKeyDer, disableTimeVerification: true };
    const old = await AgentCertificate.create({
      ...common,
      canisterId: AgentPrincipal.fromUint8Array(principalToBytes(canisterId)),
    });
    expect(old.lookup_path(statusPath)).toMatchObject({ status: LookupPathStatus.Found, value: text('replied') });
    const principal = corePrincipal.Principal.fromUint8Array(principalToBytes(canisterId));
    const recent = await core.Certificate.create({ ...common, principal: { canisterId: principal } });
    expect(recent.lookup_path(statusPath)).toMatchObject({ status: 'Found', value: text('replied') });
  });

  it('refuse it for a canister outside the ranges, and under another root key [certificate.verify]', async () => {
    const certificate = certify(subnet, state, shown, delegationTo(subnet));
    const outside = AgentPrincipal.fromUint8Array(principalToBytes(canisterIdOfIndex(11n)));
    const inside = AgentPrincipal.fromUint8Array(principalToBytes(canisterId));
    const common = { certificate, disableTimeVerification: true };
    await expect(
      AgentCertificate.create({ ...common, rootKey: root.publicKeyDer, canisterId: outside }),
    ).rejects.toThrow();
    await expect(
      AgentCertificate.create({ ...common, rootKey: subnet.publicKeyDer, canisterId: inside }),
    ).rejects.toThrow();
  });

  it('compute the same root hash and find the same values in any witness [tree.lookup]', async () => {
    // All of one length, and only what is found: the client's comparison of labels goes astray when one label extends
    // another, and when a later byte is larger though the first that differs is smaller.
    const label = fc.uint8Array({ minLength: 2, maxLength: 2, max: 1 });
    const entries = fc.array(fc.tuple(label, fc.uint8Array({ maxLength: 4 })), { maxLength: 12 });
    const nested = fc.array(fc.tuple(label, fc.oneof(fc.uint8Array({ maxLength: 3 }), entries.map(labelMapOf))));
    const paths = fc.array(fc.array(label, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
    let foundCount = 0;
    await fc.assert(
      fc.asyncProperty(nested, paths, async (held, wanted) => {
        const map = labelMapOf(held);
        const tree = witness(map, wanted);
        const theirs = Cbor.decode<Parameters<typeof agentReconstruct>[0]>(encodeHashTree(tree));
        expect(new Uint8Array(await agentReconstruct(theirs))).toEqual(rootHash(map));
        for (const path of wanted) {
          const ours = lookup(path, tree);
          if (ours.kind !== 'found') continue;
          expect(lookup_path(path, theirs)).toMatchObject({ status: LookupPathStatus.Found, value: ours.value });
          foundCount++;
        }
      }),
      { numRuns: 500 },
    );
    expect(foundCount).toBeGreaterThan(100);
  });

  it('see the whole of a map as we do [tree.label-map]', async () => {
    const whole = Cbor.decode<Parameters<typeof agentReconstruct>[0]>(encodeHashTree(revealAll(state)));
    expect(new Uint8Array(await agentReconstruct(whole))).toEqual(reconstruct(revealAll(state)));
  });
});
