// Pieces of work whose instructions are counted in Wasm: the table of costs in docs/guides/writing-a-canister.md.
import { decode, encode, list, nat, record, text } from '@tamc/base/codec';
import { anonymous } from '@tamc/protocol/principal';
import { createCertifiedTree } from '@tamc/shared/certified/tree';
import { argumentDigest, checkCommand, rememberCommand } from '@tamc/shared/guard/commands';
import { sha256 } from '@tamc/shared/icrc/sha256';
import { openLog } from '@tamc/shared/log/log';
import { addCalls, markSent, takeOutcome } from '@tamc/shared/saga/outbox';
import { principalKey, textKey, tupleKey } from '@tamc/shared/tables/index';
import type { ProbeTables } from './operations.ts';

const probeKey = tupleKey(principalKey, textKey);

type Measure = (tables: ProbeTables, i: number) => unknown;

const row = record({ name: text, amount: nat, note: text });
const value = { name: 'a washer in the yard', amount: 12_345_678n, note: 'paid for a wash at sixty degrees' };
const rowBytes = encode(row, value);
const rows = list(row);
const block = new Uint8Array(55).fill(7);
const kilobyte = new Uint8Array(1024).fill(7);
const context = { self: anonymous, caller: anonymous, nowNs: 1_700_000_000_000_000_000n };
const spread = (i: number) => String((i * 7919) % 1_000_003).padStart(8, '0');

export const measures: Readonly<Record<string, Measure>> = {
  nothing: () => null,
  'encode a record of 80 bytes': () => encode(row, value),
  'decode a record of 80 bytes': () => decode(row, rowBytes),
  'encode a list of 20 such records': () => encode(rows, Array(20).fill(value)),
  'key of principal and text': () => probeKey.toBytes([anonymous, 'a command id of mine']),
  'table: set': ({ plain }, i) => plain.set([1, `key ${i}`], { value: BigInt(i), note: null }),
  'table: get': ({ plain }, i) => plain.get([1, `key ${i}`]),
  'cell: set': ({ cell }, i) => cell.set(BigInt(i)),
  'cell: get': ({ cell }) => cell.get(),
  'list: append': ({ list }, i) => list.append({ value: `value ${i}` }),
  'list: get': ({ list }, i) => list.get(i),
  'ordered: set a new key': ({ ordered }, i) => ordered.set(spread(i), `value ${i}`),
  'ordered: set a known key': ({ ordered }, i) => ordered.set(spread(i), `value ${i + 1}`),
  'ordered: get': ({ ordered }, i) => ordered.get(spread(i)),
  'ordered: range of 20': ({ ordered }, i) => ordered.range({ from: spread(i), limit: 20 }),
  'ordered: delete': ({ ordered }, i) => ordered.delete(spread(i)),
  'SHA-256 of 55 bytes': () => sha256(block),
  'SHA-256 of 1 KiB': () => sha256(kilobyte),
  'digest of an argument of 1 KiB': () => argumentDigest(kilobyte),
  'certified tree of two labels': () => createCertifiedTree({ a: block, b: block }).rootHash(),
  'log: append': (tables) => {
    const log = openLog(tables, row);
    log.append({ number: log.next(), timeNs: 1_700_000_000_000_000_000n, commandId: null, by: anonymous }, value);
  },
  'command id: check and remember': (tables, i) => {
    const command = { id: `command ${i}`, digest: '100-89abcdef-89abcdef' };
    checkCommand(tables, context, command);
    rememberCommand(tables, context, command, `subject ${i}`);
  },
  'outbox: a call, from decided over sent to taken': (tables, i) => {
    const call = { callee: anonymous, method: 'icrc1_transfer', argument: block, cycles: 0n, isRepeatable: true };
    addCalls(tables, context.nowNs, [{ id: `payment/${i}`, ...call }]);
    markSent(tables, `payment/${i}`, context.nowNs);
    takeOutcome(tables, `payment/${i}`);
  },
};
