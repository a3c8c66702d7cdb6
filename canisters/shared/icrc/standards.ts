// What a token says about itself: metadata, the standards it keeps, the kinds of its blocks.
import type { CandidMetadataValue } from '@tamc/protocol/icrc-types';
import type { TokenSettings } from '@tamc/protocol/ledger';

export interface Standard {
  readonly name: string;
  readonly url: string;
}

const icrc1 = 'https://github.com/dfinity/ICRC-1';
const standardsFolder = `${icrc1}/tree/main/standards`;
const icrcFolder = 'https://github.com/dfinity/ICRC/blob/main/ICRCs';

/** Clients exercise what is listed here and nothing else (ICRC-1, ICRC-10). */
export const standards: readonly Standard[] = [
  { name: 'ICRC-1', url: icrc1 },
  { name: 'ICRC-2', url: `${standardsFolder}/ICRC-2` },
  { name: 'ICRC-3', url: `${standardsFolder}/ICRC-3` },
  { name: 'ICRC-10', url: 'https://github.com/dfinity/ICRCs/ICRC-10' },
  { name: 'ICRC-21', url: `${icrcFolder}/ICRC-21/ICRC-21.md` },
];

const url1 = `${standardsFolder}/ICRC-1`;
const url2 = `${standardsFolder}/ICRC-2`;

/** Blocks of ICRC-1 and ICRC-2 carry no `btype`; these are the names by which ICRC-3 knows them. Minting is not delegated. */
export const blockTypes: readonly { readonly block_type: string; readonly url: string }[] = [
  { block_type: '1burn', url: url1 },
  { block_type: '1mint', url: url1 },
  { block_type: '1xfer', url: url1 },
  { block_type: '2approve', url: url2 },
  { block_type: '2burn', url: url2 },
  { block_type: '2xfer', url: url2 },
];

type MetadataEntry = readonly [string, CandidMetadataValue];

export function tokenMetadata(settings: TokenSettings): MetadataEntry[] {
  const own = settings.metadata.map(([key, value]): MetadataEntry => [key, metadataToCandid(value)]);
  return [
    ['icrc1:symbol', { Text: settings.symbol }],
    ['icrc1:name', { Text: settings.name }],
    ['icrc1:decimals', { Nat: BigInt(settings.decimals) }],
    ['icrc1:fee', { Nat: settings.fee }],
    ['icrc1:max_memo_length', { Nat: BigInt(settings.memoBytesMax) }],
    ...own,
  ];
}

function metadataToCandid(value: TokenSettings['metadata'][number][1]): CandidMetadataValue {
  if (value.kind === 'Text') return { Text: value.value };
  if (value.kind === 'Blob') return { Blob: value.value };
  return value.kind === 'Nat' ? { Nat: value.value } : { Int: value.value };
}
