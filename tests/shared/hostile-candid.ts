// Messages of Candid that a stranger can write in a few bytes and that would cost whoever decodes them without looking first.
import { idlLabelToId } from '@dfinity/candid';

const magic = [0x44, 0x49, 0x44, 0x4c];
const [nullType, textType, natType, opt, vec, record, service] = [0x7f, 0x71, 0x7d, 0x6e, 0x6d, 0x6c, 0x69];
const reason = [...leb(idlLabelToId('reason')), textType];
const lastField = leb(0xfffffff0);
const text = [1, 0x78];
const manyBytes = 60_000;

export function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const message = (...parts: (number | readonly number[])[]) => Uint8Array.from([...magic, ...parts.flat()]);
const stopType = [record, 1, ...reason];
const fill = (length: number, ...bytes: number[]) => Array.from({ length }, () => bytes).flat();
const longNumber = [...fill(manyBytes, 0xff), 0x7f];

/** Record 0 holds two of record 1, that two of record 2: the last holds nulls, and no value of any takes a byte. */
const doubling = Array.from({ length: 30 }, (_, at) => [
  record,
  2,
  0,
  at < 29 ? at + 2 : nullType,
  1,
  at < 29 ? at + 2 : nullType,
]);

export const hostile: readonly (readonly [string, Uint8Array])[] = [
  ['one more argument, 2^30 nulls', message(2, stopType, vec, nullType, 2, 0, 1, text, leb(2 ** 30))],
  ['one more field, 2^30 nulls', message(2, record, 2, reason, lastField, 1, vec, nullType, 1, 0, text, leb(2 ** 30))],
  ['2^20 empty records', message(3, stopType, vec, 2, record, 0, 2, 0, 1, text, leb(2 ** 20))],
  [
    '2^30 records of nothing but records of nulls',
    message(4, stopType, vec, 2, record, 1, 0, 3, record, 1, 0, nullType, 2, 0, 1, text, leb(2 ** 30)),
  ],
  ['nulls as the only argument', message(1, vec, nullType, 1, 0, leb(2 ** 30))],
  ['2^30 nulls as reserved', message(1, vec, 0x70, 1, 0, leb(2 ** 30))],
  ['60,000 arguments', message(0, leb(manyBytes), fill(manyBytes, nullType))],
  ['20,000 types', message(leb(20_000), fill(20_000, opt, nullType), 0)],
  [
    'one type of 20,000 fields',
    message(1, record, leb(20_000), Array.from({ length: 20_000 }, (_, at) => [...leb(at), nullType]).flat(), 1, 0),
  ],
  ['a service', message(1, service, 0, 1, 0)],
  ['records within records, 2^30 nulls', message(31, stopType, doubling.flat(), 2, 0, 1, text)],
  ['an optional within itself', message(1, opt, 0, 1, 0, fill(manyBytes, 1))],
  ['an optional within itself, as one more argument', message(2, stopType, opt, 1, 2, 0, 1, text, fill(60, 1))],
  ['a record within itself', message(1, record, 1, 0, 0, 1, 0)],
  ['a number of 60,000 bytes', message(0, 1, natType, longNumber)],
  ['a number of 60,000 bytes as one more argument', message(1, stopType, 2, 0, natType, text, longNumber)],
  ['a signed number of 60,000 bytes', message(1, stopType, 2, 0, 0x7c, text, longNumber)],
  ['a length of 60,000 bytes', message(1, stopType, 1, 0, longNumber)],
  ['a count of types of 60,000 bytes', message(longNumber)],
  ['a vector longer than the message', message(2, stopType, vec, 0x77, 2, 0, 1, text, leb(2 ** 31))],
  [
    '60,000 optional values of one byte',
    message(3, stopType, vec, 2, opt, nullType, 2, 0, 1, text, leb(manyBytes), fill(manyBytes, 0)),
  ],
  ['60,000 signed numbers', message(2, stopType, vec, 0x7c, 2, 0, 1, text, leb(manyBytes), fill(manyBytes, 0))],
];
