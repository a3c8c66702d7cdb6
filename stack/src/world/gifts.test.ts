import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { managementCanister, type PrincipalHex } from '@tamc/protocol/principal';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { giveOnce } from './gifts.ts';

let folder = '';
let sent = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-gifts-'));
  sent = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A ledger that takes everything, block by block. */
const minter: Pick<Connection, 'call' | 'nowNs'> = {
  call: async () => ({ ok: true, value: [{ Ok: BigInt(++sent) }] }),
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
};
const to = accountOf(managementCanister);
const ledger = '01' as PrincipalHex;
const give = async (changes: Partial<Parameters<typeof giveOnce>[3]> = {}) =>
  await giveOnce(folder, minter as Connection, ledger, {
    key: 'fund f1',
    isWelcome: false,
    to,
    amount: 100n,
    ...changes,
  });

it('the same gift again is the same block', async () => {
  expect(await give()).toEqual({ ok: true, value: 1n });
  expect(await give()).toEqual({ ok: true, value: 1n });
  expect(sent).toBe(1);
});

it('another gift under the same words is refused, and nothing is said to be given', async () => {
  await give();
  for (const other of [{ amount: 7n }, { to: accountOf('02' as PrincipalHex) }]) {
    expect(await give(other)).toMatchObject({ ok: false, error: { code: 'CommandIdReused' } });
  }
  expect(sent).toBe(1);
});

it('a welcome is one, also where another version welcomes with more, and one that was kept before is known', async () => {
  await give({ key: 'me', isWelcome: true });
  expect(await give({ key: 'me', isWelcome: true, amount: 200n })).toEqual({ ok: true, value: 1n });
  const kept = { createdNs: String(BigInt(Date.now()) * 1_000_000n), isWelcome: false, block: '9' };
  writeFileSync(join(folder, 'gifts.json'), JSON.stringify({ 'fund f1': kept }));
  expect(await give()).toEqual({ ok: true, value: 9n });
});
