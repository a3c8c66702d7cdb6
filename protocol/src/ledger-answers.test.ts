import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransferFromResultType } from './icrc-types.ts';
import { GetBlocksResultType } from './icrc3-types.ts';
import { amountMax, readBlocksAnswer, readTransferAnswer } from './ledger-answers.ts';

const transfer = (value: unknown) => readTransferAnswer(new Uint8Array(IDL.encode([TransferFromResultType], [value])));
const owner = Principal.fromUint8Array(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 1, 1));
const account = (...more: Uint8Array[]) => ({
  Array: [owner.toUint8Array(), ...more].map((bytes) => ({ Blob: bytes })),
});

function blocks(tx: [string, unknown][], btype: string | null = '1xfer', archived: unknown[] = []) {
  const fields = [...(btype === null ? [] : [['btype', { Text: btype }]]), ['tx', { Map: tx }]];
  const result = { log_length: 9n, blocks: [{ id: 8n, block: { Map: fields } }], archived_blocks: archived };
  return readBlocksAnswer(new Uint8Array(IDL.encode([GetBlocksResultType], [result])))!;
}

describe('the answer to a transfer', () => {
  it('is executed, also when it was a duplicate', () => {
    expect(transfer({ Ok: 5n })).toEqual({ kind: 'executed', block: 5n });
    expect(transfer({ Err: { Duplicate: { duplicate_of: 6n } } })).toEqual({ kind: 'executed', block: 6n });
  });

  it('is an error of the standard, each for what it means', () => {
    expect(transfer({ Err: { BadFee: { expected_fee: 7n } } })).toEqual({ kind: 'badFee', expected: 7n });
    expect(transfer({ Err: { TooOld: null } })).toEqual({ kind: 'tooOld' });
    expect(transfer({ Err: { TemporarilyUnavailable: null } })).toEqual({ kind: 'later' });
    for (const [code, fields] of Object.entries({
      InsufficientFunds: { balance: 1n },
      InsufficientAllowance: { allowance: 1n },
      BadBurn: { min_burn_amount: 1n },
      CreatedInFuture: { ledger_time: 1n },
      GenericError: { error_code: 1n, message: 'x'.repeat(1_000) },
    })) {
      const answer = transfer({ Err: { [code]: fields } });
      expect(answer).toMatchObject({ kind: 'refused', code });
      expect(answer.kind === 'refused' && answer.message.length).toBeLessThan(300);
    }
  });

  it('is malformed when it says nothing, or a number that no ledger can mean', () => {
    expect(transfer({ Ok: 2n ** 64n }).kind).toBe('malformed');
    expect(transfer({ Err: { BadFee: { expected_fee: 2n ** 130n } } }).kind).toBe('malformed');
    expect(readTransferAnswer(new Uint8Array(IDL.encode([IDL.Text], ['Ok']))).kind).toBe('malformed');
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readTransferAnswer(bytes).kind === 'malformed'));
  });
});

describe('blocks', () => {
  it('are read with accounts, spender, memo and time', () => {
    const sub = new Uint8Array(32).fill(3);
    const tx: [string, unknown][] = [
      ['amt', { Nat: 5n }],
      ['from', account()],
      ['to', account(sub)],
      ['spender', account()],
      ['memo', { Blob: Uint8Array.of(1, 2) }],
      ['ts', { Nat: 99n }],
    ];
    const {
      blocks: [block],
      logLength,
    } = blocks(tx, '2xfer');
    expect(logLength).toBe(9n);
    expect(block).toMatchObject({ index: 8n, kind: 'transfer', amount: 5n, memo: '0102', createdNs: 99n });
    expect(block?.to?.subaccount).toBe('03'.repeat(32));
    expect(block?.from).toEqual(block?.spender);
  });

  it('from before ICRC-3 are known by their operation', () => {
    const tx = (op: string): [string, unknown][] => [
      ['op', { Text: op }],
      ['amt', { Nat: 5n }],
      ['to', account()],
    ];
    expect(blocks(tx('xfer'), null).blocks[0]?.kind).toBe('transfer');
    expect(blocks(tx('mint'), null).blocks[0]?.kind).toBe('mint');
    expect(blocks(tx('approve'), null).blocks[0]?.kind).toBe('approve');
    expect(blocks(tx('burn'), null).blocks[0]?.kind).toBe('other');
  });

  it('that make no sense are no transfers', () => {
    expect(blocks([]).blocks[0]).toMatchObject({ kind: 'other', to: null });
    expect(blocks([['amt', { Nat: amountMax + 1n }]]).blocks[0]?.kind).toBe('other');
    expect(
      blocks([
        ['amt', { Nat: 1n }],
        ['to', account(Uint8Array.of(1))],
      ]).blocks[0]?.to,
    ).toBeNull();
    expect(blocks([['amt', { Int: -1n }]]).blocks[0]?.kind).toBe('other');
    expect(readBlocksAnswer(new Uint8Array(IDL.encode([IDL.Nat], [1n])))).toBeNull();
  });

  it('may lie in an archive, which is said', () => {
    const archived = [{ args: [{ start: 0n, length: 1n }], callback: [owner, 'icrc3_get_blocks'] }];
    expect(blocks([], '1xfer', archived).isArchived).toBe(true);
    expect(blocks([]).isArchived).toBe(false);
  });
});
