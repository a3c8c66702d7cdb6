import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bytesToHex, parseHex, textToBytes } from '@tamc/base/bytes';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCBOR } from '../codec/cbor.ts';
import { canisterIdOfIndex, principalToBytes, selfAuthenticatingPrincipal } from '../codec/principal.ts';
import { type Bls, type BlsKey, loadBls, parseBlsDer } from '../crypto/bls.ts';
import { deriveBlsSecret } from '../crypto/bls-secret.ts';
import { type CertificateDelegation, encodeCertificate, signStateRoot, verifyCertificate } from './certificate.ts';
import { fork, type HashTree, labeled, leaf, reconstruct } from './hash-tree.ts';
import { type LabelMap, labelMapOf, rootHash } from './label-map.ts';
import { lookup } from './lookup.ts';
import { witness } from './witness.ts';

const text = textToBytes;
const groupOrder = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
let bls: Bls;
let root: BlsKey;
let subnet: BlsKey;

beforeAll(async () => {
  bls = await loadBls();
  root = bls.createKey(new Uint8Array(32).fill(1));
  subnet = bls.createKey(new Uint8Array(32).fill(2));
});

const state = labelMapOf([
  [text('time'), Uint8Array.of(1)],
  [text('secret'), text('hidden')],
]);

function certify(key: BlsKey, map: LabelMap, delegation: CertificateDelegation | null = null): Uint8Array {
  const tree = witness(map, [[text('time')]]);
  return encodeCertificate({ tree, signature: signStateRoot(key, rootHash(map)), delegation });
}

function delegationTo(key: BlsKey, signer: BlsKey): CertificateDelegation {
  const subnetId = selfAuthenticatingPrincipal(key.publicKeyDer);
  const about = labelMapOf([[principalToBytes(subnetId), labelMapOf([[text('public_key'), key.publicKeyDer]])]]);
  const map = labelMapOf([
    [text('subnet'), about],
    [text('time'), Uint8Array.of(1)],
  ]);
  const tree = witness(map, [[text('subnet')], [text('time')]]);
  const certificate = encodeCertificate({ tree, signature: signStateRoot(signer, rootHash(map)), delegation: null });
  return { subnetId, certificate };
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const verified = await verifyCertificate(bytes, root.publicKeyDer);
  return verified.ok ? 'accepted' : verified.error;
}

describe('a certificate', () => {
  it('by the root key gives its tree, and nothing that was hidden [certificate.verify]', async () => {
    const verified = await verifyCertificate(certify(root, state), root.publicKeyDer);
    if (!verified.ok) throw new Error(verified.error);
    expect(lookup([text('time')], verified.value)).toEqual({ kind: 'found', value: Uint8Array.of(1) });
    expect(lookup([text('secret')], verified.value)).toEqual({ kind: 'unknown' });
  });

  it('is a self-described map with tree and signature [certificate.encoding]', () => {
    const bytes = certify(root, state);
    expect(bytesToHex(bytes.subarray(0, 3))).toBe('d9d9f7');
    const parsed = parseCBOR(bytes);
    expect(parsed.ok && parsed.value instanceof Map && [...parsed.value.keys()]).toEqual(['tree', 'signature']);
    const delegated = parseCBOR(certify(subnet, state, delegationTo(subnet, root)));
    expect(delegated.ok && delegated.value instanceof Map && [...delegated.value.keys()]).toEqual([
      'tree',
      'signature',
      'delegation',
    ]);
  });

  it('by a subnet is accepted with the delegation of the root key [certificate.delegation]', async () => {
    const bytes = certify(subnet, state, delegationTo(subnet, root));
    expect(await refusal(bytes)).toBe('accepted');
  });

  it('is refused when signed by another key, or of another state [certificate.verify]', async () => {
    expect(await refusal(certify(subnet, state))).toContain('signature');
    const tree = witness(state, [[text('time')]]);
    const signature = signStateRoot(root, new Uint8Array(32));
    expect(await refusal(encodeCertificate({ tree, signature, delegation: null }))).toContain('signature');
    const unseparated = root.sign(rootHash(state));
    expect(await refusal(encodeCertificate({ tree, signature: unseparated, delegation: null }))).toContain('signature');
  });

  it('is refused with a delegation that is not the root key’s, is delegated itself, or names another subnet [certificate.delegation]', async () => {
    expect(await refusal(certify(subnet, state, delegationTo(subnet, subnet)))).toContain('delegation: ');
    const inner = delegationTo(subnet, root);
    const nested = { ...inner, certificate: certify(subnet, state, inner) };
    expect(await refusal(certify(subnet, state, nested))).toContain('itself delegated');
    const renamed = { ...inner, subnetId: canisterIdOfIndex(1n) };
    expect(await refusal(certify(subnet, state, renamed))).toContain('does not show the key');
  });

  it('with a tree that is not well-formed is refused though the signature is right [tree.well-formed]', async () => {
    const tree: HashTree = fork(labeled(text('b'), leaf(text('1'))), labeled(text('a'), leaf(text('2'))));
    const signature = signStateRoot(root, reconstruct(tree));
    expect(await refusal(encodeCertificate({ tree, signature, delegation: null }))).toContain('well-formed');
  });

  it.each(['', '00', 'a0', 'a16474726565818100', 'a16474726565810000'])(
    'of the bytes %j is refused [certificate.encoding]',
    async (hex) => {
      expect(await refusal(parseHex(hex)!)).not.toBe('accepted');
    },
  );

  it('is not accepted with a root key that is none', async () => {
    const verified = await verifyCertificate(certify(root, state), new Uint8Array(133));
    expect(verified).toMatchObject({ ok: false, error: expect.stringContaining('BLS') });
  });
});

describe('BLS', () => {
  it('takes a signature made elsewhere with this ciphersuite, and no other message or key [certificate.bls]', () => {
    // The vector used by the public JavaScript and Rust agents.
    const publicKey = parseHex(
      'a7623a93cdb56c4d23d99c14216afaab3dfd6d4f9eb3db23d038280b6d5cb2caaee2a19dd92c9df7001dede23bf036bc0f33982dfb41e8fa9b8e96b5dc3e83d55ca4dd146c7eb2e8b6859cb5a5db815db86810b8d12cee1588b5dbf34a4dc9a5',
    )!;
    const signature = parseHex(
      'b89e13a212c830586eaa9ad53946cd968718ebecc27eda849d9232673dcd4f440e8b5df39bf14a88048c15e16cbcaabe',
    )!;
    expect(bls.verify(publicKey, text('hello'), signature)).toBe(true);
    expect(bls.verify(publicKey, text('hallo'), signature)).toBe(false);
    expect(bls.verify(root.publicKey, text('hello'), signature)).toBe(false);
  });

  it('makes signatures of 48 bytes under keys of 96, which verify [certificate.bls]', () => {
    const signature = subnet.sign(text('x'));
    expect([signature.length, subnet.publicKey.length, subnet.publicKeyDer.length]).toEqual([48, 96, 133]);
    expect(parseBlsDer(subnet.publicKeyDer)).toEqual(subnet.publicKey);
    expect(bls.verify(subnet.publicKey, text('x'), signature)).toBe(true);
  });

  it('derives secrets as the draft says: the master key of EIP-2333, which uses the same KeyGen [certificate.bls]', () => {
    const seed = parseHex(
      'c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04',
    )!;
    const expected = 6083874454709270928345386274498605044986640685124978867557563392430687146096n;
    expect(deriveBlsSecret(seed, groupOrder)).toBe(expected);
  });

  it('gives the same key and signature for the same seed [certificate.bls]', () => {
    const again = bls.createKey(new Uint8Array(32).fill(1));
    expect(again.publicKeyDer).toEqual(root.publicKeyDer);
    expect(again.sign(text('x'))).toEqual(root.sign(text('x')));
  });

  it('writes keys and signatures as the curve library does [certificate.bls]', () => {
    const { shortSignatures } = bls12_381;
    for (const fill of [4, 5, 6, 7, 8, 9]) {
      const seed = new Uint8Array(32).fill(fill);
      const key = bls.createKey(seed);
      const secret = parseHex(deriveBlsSecret(seed, groupOrder).toString(16).padStart(64, '0'))!;
      expect(key.publicKey).toEqual(shortSignatures.getPublicKey(secret).toBytes());
      const hash = shortSignatures.hash(seed, 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_');
      const signature = shortSignatures.sign(hash, secret);
      expect(key.sign(seed)).toEqual(shortSignatures.Signature.toBytes(signature));
      expect(bls.createKey(seed, key.publicKey).sign(seed)).toEqual(key.sign(seed));
    }
  });

  it('refuses bytes that are no point, or the point at infinity [certificate.bls]', () => {
    const signature = root.sign(text('x'));
    const infinity = new Uint8Array(48);
    infinity[0] = 0xc0;
    for (const bad of [new Uint8Array(48), new Uint8Array(0), infinity, new Uint8Array(48).fill(255)]) {
      expect(bls.verify(root.publicKey, text('x'), bad)).toBe(false);
    }
    for (const bad of [new Uint8Array(96), new Uint8Array(95), new Uint8Array(96).fill(255)]) {
      expect(bls.verify(bad, text('x'), signature)).toBe(false);
    }
  });
});
