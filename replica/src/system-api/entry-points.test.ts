import { describe, expect, it } from 'vitest';
import { type EntryPoint, Trap } from '../execution/execution.ts';
import { createExecutionDouble } from './execution-double.ts';
import { apiSignature } from './imports.ts';
import { specificationMatrix } from './specification-matrix.ts';
import { apiTable, apiTable32 } from './table.ts';

const everyEntryPoint: readonly EntryPoint[] = [
  ...(['I', 'G', 'U', 'RQ', 'NRQ', 'TQ', 'CQ', 'Ry', 'Rt'] as const),
  ...(['CRy', 'CRt', 'C', 'CC', 's', 'F', 'T'] as const),
];

function isRefused(name: string, entryPoint: EntryPoint, width: 32 | 64): boolean {
  const { params } = apiSignature(name, width)!;
  const args = params.map((type) => (type === 'i32' ? 0 : 0n));
  try {
    createExecutionDouble({ entryPoint, width, input: { dataCertificate: () => new Uint8Array(1) } }).call(
      name,
      ...args,
    );
    return false;
  } catch (error) {
    // Zeros may well be wrong arguments; only the refusal of the entry point is looked for here.
    expect(error).toBeInstanceOf(Trap);
    return error instanceof Trap && error.kind === 'contractViolation' && /cannot be executed in/.test(error.message);
  }
}

describe('entry points of the System API', () => {
  it('are known for exactly the functions of the specification, in its order [api.functions]', () => {
    expect([...apiTable, ...apiTable32].map((entry) => entry.name)).toEqual(specificationMatrix.map((row) => row.name));
  });

  for (const row of specificationMatrix) {
    it(`let ic0.${row.name} through from ${row.from.join(' ')} and trap elsewhere [api.entry-points]`, () => {
      for (const width of row.only32 ? ([32] as const) : ([32, 64] as const)) {
        const allowed = everyEntryPoint.filter((entryPoint) => !isRefused(row.name, entryPoint, width));
        expect(new Set(allowed)).toEqual(new Set(row.from));
      }
    });

    it(`know ic0.${row.name} as ${row.type} [api.types]`, () => {
      for (const width of [32, 64] as const) {
        const signature = apiSignature(row.name, width);
        if (row.only32 && width === 64) expect(signature).toBeNull();
        else expect(signature).toMatchObject(parseType(row.type, width));
      }
    });
  }

  it('are named in the trap as the main network names them [api.wrong-entry-point]', () => {
    expect(() => createExecutionDouble({ entryPoint: 'NRQ' }).call('call_new', 0, 0, 0, 0, 0, 0, 0, 0)).toThrow(
      '"ic0_call_new" cannot be executed in non replicated query mode',
    );
    expect(() => createExecutionDouble({ entryPoint: 's' }).call('time')).toThrow(
      '"ic0_time" cannot be executed in start mode',
    );
  });

  it('are checked again when the next execution has another one [api.entry-points]', () => {
    const update = createExecutionDouble({ entryPoint: 'U' });
    expect(update.call('msg_reply')).toBeUndefined();
    expect(() => createExecutionDouble({ entryPoint: 'C' }).call('msg_reply')).toThrow('cleanup mode');
  });

  it('beyond the specification are those of DFINITY: only the cycles minting canister mints [api.mint]', () => {
    expect(apiSignature('mint_cycles128', 32)).toMatchObject({ params: ['i64', 'i64', 'i32'], results: [] });
    expect(isRefused('mint_cycles128', 'NRQ', 32)).toBe(true);
    expect(() => createExecutionDouble().call('mint_cycles128', 0n, 1n, 0)).toThrow('non Cycles Minting Canister');
  });

  it('of names nobody knows are not signed at all [api.functions]', () => {
    expect(apiSignature('msg_caller', 32)).toBeNull();
    expect(apiSignature('toString', 32)).toBeNull();
  });
});

/** Reads `(dst : I, offset : I) -> (i32)` as the specification writes it. */
function parseType(type: string, width: 32 | 64): { params: string[]; results: string[] } {
  const [left, right] = type.split('->');
  const read = (part: string) =>
    [...part.matchAll(/\b(I|i32|i64)\b/g)].map((match) => (match[1] === 'I' ? `i${width}` : match[1]!));
  return { params: read(left!), results: read(right!) };
}
