import { bytesToHex, concatBytes, parseHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { cborMap } from './cbor.ts';
import { hashOfMap, requestId } from './hash-of-map.ts';

const exampleContent = {
  request_type: 'call',
  sender: Uint8Array.of(4),
  ingress_expiry: 1685570400000000000n,
  canister_id: parseHex('00000000000004d2')!,
  method_name: 'hello',
  arg: parseHex('4449444c00fd2a')!,
};

// Name, hash of the name, hash of the value: as printed in the section "Request ids".
const exampleHashes = [
  [
    'request_type',
    '769e6f87bdda39c859642b74ce9763cdd37cb1cd672733e8c54efaa33ab78af9',
    '7edb360f06acaef2cc80dba16cf563f199d347db4443da04da0c8173e3f9e4ed',
  ],
  [
    'sender',
    '0a367b92cf0b037dfd89960ee832d56f7fc151681bb41e53690e776f5786998a',
    'e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71',
  ],
  [
    'ingress_expiry',
    '26cec6b6a9248a96ab24305b61b9d27e203af14a580a5b1ff2f67575cab4a868',
    'db8e57abc8cda1525d45fdd2637af091bc1f28b35819a40df71517d1501f2c76',
  ],
  [
    'canister_id',
    '0a3eb2ba16702a387e6321066dd952db7a31f9b5cc92981e0a92dd56802d3df9',
    '4d8c47c3c1c837964011441882d745f7e92d10a40cef0520447c63029eafe396',
  ],
  [
    'method_name',
    '293536232cf9231c86002f4ee293176a0179c002daa9fc24be9bb51acdd642b6',
    '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  ],
  [
    'arg',
    'b25f03dedd69be07f356a06fe35c1b0ddc0de77dcd9066c4be0c6bbde14b23ff',
    '6c0b2ae49718f6995c02ac5700c9c789d7b7862a0d53e6d40a73f1fcd2f70189',
  ],
] as const;

describe('the request id', () => {
  it('of the worked example is the one printed [encoding.request-id]', () => {
    expect(bytesToHex(requestId(cborMap(exampleContent))!)).toBe(
      '1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101',
    );
  });

  it.each(exampleHashes)(
    'of a map with only %s is the hash of the two hashes printed [encoding.request-id]',
    (...row) => {
      const [name, nameHash, valueHash] = row;
      expect(bytesToHex(sha256(name))).toBe(nameHash);
      const single = requestId(cborMap({ [name]: exampleContent[name] }))!;
      expect(single).toEqual(sha256(concatBytes(parseHex(nameHash)!, parseHex(valueHash)!)));
    },
  );

  it('does not depend on the order of the fields [encoding.request-id]', () => {
    const fields = Object.entries(exampleContent);
    fc.assert(
      fc.property(fc.shuffledSubarray(fields, { minLength: fields.length }), (shuffled) => {
        expect(requestId(new Map(shuffled))).toEqual(requestId(cborMap(exampleContent)));
      }),
    );
  });

  it('ignores fields that are null, and differs by any other field [encoding.request-id]', () => {
    const plain = requestId(cborMap(exampleContent));
    expect(requestId(cborMap({ ...exampleContent, nonce: null }))).toEqual(plain);
    expect(requestId(cborMap({ ...exampleContent, nonce: new Uint8Array(0) }))).not.toEqual(plain);
  });

  it('does not exist for values without a hash', () => {
    expect(requestId(cborMap({ a: true }))).toBeNull();
    expect(requestId(cborMap({ a: [null] }))).toBeNull();
    expect(requestId(cborMap({ a: new Map([['b', [false]]]) }))).toBeNull();
  });
});

describe('the representation-independent hash', () => {
  it('of the nested example is built from inner hashes [encoding.hash-of-map]', () => {
    const arg = textToBytes('DIDL\x00\x00');
    const inner = sha256(concatBytes(sha256('arg'), sha256(arg)));
    const outer = sha256(concatBytes(sha256('reply'), inner));
    expect(hashOfMap(new Map([['reply', new Map([['arg', arg]])]]))).toEqual(outer);
  });

  it.each([
    [0, '00'],
    [624485, 'e58e26'],
    [624485n, 'e58e26'],
    [-123456, 'c0bb78'],
  ])('of the number %s hashes the bytes %s [encoding.hash-of-map]', (value, leb) => {
    expect(hashOfMap(new Map([['n', value]]))).toEqual(sha256(concatBytes(sha256('n'), sha256(parseHex(leb)!))));
  });

  it('of an array hashes its elements one by one [encoding.hash-of-map]', () => {
    const paths = [[textToBytes('time')], []];
    const hashOfPath = sha256(sha256('time'));
    const hashOfPaths = sha256(concatBytes(hashOfPath, sha256('')));
    expect(hashOfMap(new Map([['paths', paths]]))).toEqual(sha256(concatBytes(sha256('paths'), hashOfPaths)));
  });
});
