import { textsRefusal } from '@tamc/protocol/guard';
import type { PrincipalHex } from '@tamc/protocol/principal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Context } from '../rule.ts';
import { createMemoryStore, defineTables } from '../tables/index.ts';
import {
  argumentDigest,
  checkCommand,
  commandKeptNs,
  commandsKeptMax,
  guardTables,
  rememberCommand,
} from './commands.ts';

const tableSet = defineTables(guardTables);
const by = (caller: string, nowNs = 0n): Context => {
  return { self: '00' as PrincipalHex, caller: caller as PrincipalHex, nowNs };
};
const open = () => tableSet.open(createMemoryStore());

describe('a command id', () => {
  it('is new once for each caller, and then stands for what the first command was about', () => {
    const tables = open();
    const command = { id: 'c1', digest: 'd' };
    expect(checkCommand(tables, by('01'), command)).toEqual({ ok: true, value: { kind: 'new' } });
    rememberCommand(tables, by('01'), command, 'payment 7');
    const repeated = { ok: true, value: { kind: 'repeated', subject: 'payment 7' } };
    expect(checkCommand(tables, by('01'), command)).toEqual(repeated);
    expect(checkCommand(tables, by('02'), command)).toEqual({ ok: true, value: { kind: 'new' } });
  });

  it('is refused with other arguments, and when it is empty or too long', () => {
    const tables = open();
    rememberCommand(tables, by('01'), { id: 'c1', digest: 'd' }, '');
    const codeOf = (id: string, digest: string) => {
      const checked = checkCommand(tables, by('01'), { id, digest });
      return checked.ok ? checked.value.kind : checked.error.code;
    };
    expect(codeOf('c1', 'e')).toBe('CommandIdReused');
    expect(codeOf('', 'd')).toBe('CommandIdInvalid');
    expect(codeOf('x'.repeat(65), 'd')).toBe('CommandIdInvalid');
    expect(codeOf('x'.repeat(64), 'd')).toBe('new');
  });

  it('is forgotten after a week, the oldest first, a few with each new one', () => {
    const tables = open();
    for (let i = 0; i < 10; i++) rememberCommand(tables, by('01', BigInt(i)), { id: `c${i}`, digest: 'd' }, '');
    rememberCommand(tables, by('01', commandKeptNs + 4n), { id: 'new', digest: 'd' }, '');
    expect(tables.commandOrder.first()).toBe(3);
    rememberCommand(tables, by('01', commandKeptNs + 4n), { id: 'newer', digest: 'd' }, '');
    expect(tables.commandOrder.first()).toBe(5);
    const kind = (id: string) => {
      const checked = checkCommand(tables, by('01'), { id, digest: 'd' });
      return checked.ok && checked.value.kind;
    };
    expect([kind('c4'), kind('c5'), kind('new')]).toEqual(['new', 'repeated', 'repeated']);
  });

  it('leaves room for a bounded number of others', () => {
    const tables = open();
    for (let i = 0; i < commandsKeptMax + 5; i++) rememberCommand(tables, by('01'), { id: `c${i}`, digest: 'd' }, '');
    expect(tables.commandOrder.end() - tables.commandOrder.first()).toBe(commandsKeptMax);
    expect(tables.commandOf.get(['01' as PrincipalHex, 'c4'])).toBeNull();
    expect(tables.commandOf.get(['01' as PrincipalHex, 'c5'])).not.toBeNull();
  });
});

describe('the digest of arguments', () => {
  it('is the same for the same bytes and differs for others', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(argumentDigest(a.slice())).toBe(argumentDigest(a));
        expect(argumentDigest(a) === argumentDigest(b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });

  it('sees every changed byte, and two exchanged ones', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 7);
    const digests = Array.from({ length: 300 }, (_, at) =>
      argumentDigest(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))),
    );
    const exchanged = argumentDigest(Uint8Array.from([bytes[1]!, bytes[0]!, ...bytes.slice(2)]));
    expect(new Set([...digests, exchanged, argumentDigest(bytes)]).size).toBe(302);
  });
});

it('texts are refused by the first that is too long, with both numbers', () => {
  expect(textsRefusal({ label: ['ok', 2], charter: ['abc', 3] })).toBeNull();
  expect(textsRefusal({ label: ['ok', 2], charter: ['abcd', 3] })).toMatchObject({
    code: 'TextTooLong',
    message: 'charter has 4 characters; at most 3 are taken.',
  });
});
