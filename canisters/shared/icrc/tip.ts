// The certified tip of the chain (ICRC-3): the tree of `last_block_hash` and `last_block_index`. Its root is hashed with every
// transaction, so that is done here without building the tree; a test compares it with the tree that witnesses are made from.
import { textToBytes } from '@tamc/base/bytes';
import { createCertifiedTree } from '../certified/tree.ts';
import { readSummary } from './records.ts';
import { sha256 } from './sha256.ts';
import type { TokenTables } from './tables.ts';
import { toLeb128 } from './value.ts';

const hashLabel = 'last_block_hash';
const indexLabel = 'last_block_index';

/** A length byte and the name: what the specification puts before the content of each kind of node. */
const domain = (name: string) => textToBytes(String.fromCharCode(name.length) + name);
const forkDomain = domain('ic-hashtree-fork');
const leafDomain = domain('ic-hashtree-leaf');
const labeledHash = textToBytes(`\x13ic-hashtree-labeled${hashLabel}`);
const labeledIndex = textToBytes(`\x13ic-hashtree-labeled${indexLabel}`);

/** Null before the first block. */
export function tipRootHash(tables: TokenTables): Uint8Array | null {
  const { tipHash, blocks } = readSummary(tables);
  if (blocks === 0) return null;
  const left = sha256(labeledHash, sha256(leafDomain, tipHash));
  const right = sha256(labeledIndex, sha256(leafDomain, toLeb128(BigInt(blocks - 1))));
  return sha256(forkDomain, left, right);
}

/** The leaves for a canister that certifies more than this. */
export function tipLeaves(tables: TokenTables): Readonly<Record<string, Uint8Array>> {
  const { tipHash, blocks } = readSummary(tables);
  if (blocks === 0) return {};
  return { [hashLabel]: tipHash, [indexLabel]: toLeb128(BigInt(blocks - 1)) };
}

/** The tree in CBOR, as `icrc3_get_tip_certificate` gives it. */
export function tipWitness(tables: TokenTables): Uint8Array {
  return createCertifiedTree(tipLeaves(tables)).witness([hashLabel, indexLabel]);
}
