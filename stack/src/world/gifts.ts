// Shell: simulated money that somebody gets once. What is intended is written down before it is sent, with the time by which the ledger
// knows it: neither an interruption nor another process forgets a gift or gives it twice.
import { join } from 'node:path';
import { textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { CallError, Connection } from '@tamc/client';
import { bindLedger } from '@tamc/client/ledger';
import type { Account } from '@tamc/protocol/account';
import { accountToText } from '@tamc/protocol/account-text';
import { sha256 } from '@tamc/protocol/hash';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { readOwnFile, replaceOwnFile } from './own-files.ts';

export interface Gift {
  /** The same words are the same gift, for ever when it is a welcome, else for a day. */
  readonly key: string;
  readonly isWelcome: boolean;
  readonly to: Account;
  /** In minor units. */
  readonly amount: bigint;
}

interface Kept {
  readonly createdNs: string;
  /** What it is, so that the same words are not taken for another gift. Null: written before this was kept. */
  readonly what: string | null;
  readonly isWelcome: boolean;
  /** Of the ledger; null: not known to be given. */
  readonly block: string | null;
}
type KeptGifts = Readonly<Record<string, Kept>>;

/** Minor units of the simulated dollar. */
export const simulatedDollar = 1_000_000n;
/** A ledger forgets a transfer after a day: what is older is not sent again. */
const memoryNs = 23n * 3_600_000_000_000n;

/** Tells the ledger's block; null for a welcome gift that was tried more than a day ago. `minter` owns the minting account. */
export async function giveOnce(
  folderPath: string,
  minter: Connection,
  ledger: PrincipalHex,
  { key, isWelcome, to, amount }: Gift,
): Promise<Result<bigint | null, CallError>> {
  const path = join(folderPath, 'gifts.json');
  const nowNs = minter.nowNs();
  const remembered = () => withoutForgotten(readOwnFile(path, 'a list of gifts', parseGifts) ?? {}, nowNs);
  const keep = (kept: Kept) => replaceOwnFile(path, { ...remembered(), [key]: kept });
  const what = `${accountToText(to)} ${amount}`;
  const kept = remembered()[key] ?? { createdNs: String(nowNs), what, isWelcome, block: null };
  // A welcome is one, whatever is welcome in the version that gives it.
  if (!isWelcome && kept.what !== null && kept.what !== what) return refuse(otherGift);
  if (kept.block !== null) return ok(BigInt(kept.block));
  const createdNs = BigInt(kept.createdNs);
  if (nowNs - createdNs > memoryNs) return ok(null);
  keep(kept);
  // Two gifts of one moment are two.
  const memo = sha256(textToBytes(key));
  const sent = await bindLedger(minter, ledger).transfer({ to, amount, memo, createdNs });
  if (sent.ok) keep({ ...kept, block: String(sent.value) });
  return sent;
}

const otherGift: CallError = {
  kind: 'input',
  code: 'CommandIdReused',
  message: 'this command id belongs to an earlier gift, of another amount or to another account',
  nextStep: 'Repeat the earlier one exactly, or send this one with an id of its own.',
  rejectCode: null,
};

function withoutForgotten(gifts: KeptGifts, nowNs: bigint): KeptGifts {
  const isKept = ({ isWelcome, createdNs }: Kept) => isWelcome || nowNs - BigInt(createdNs) <= memoryNs;
  return Object.fromEntries(Object.entries(gifts).filter(([, kept]) => isKept(kept)));
}

function parseGifts(content: unknown): KeptGifts | null {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return null;
  const gifts: Record<string, Kept> = {};
  for (const [key, value] of Object.entries(content)) {
    const gift = parseKept(value);
    if (gift === null) return null;
    gifts[key] = gift;
  }
  return gifts;
}

function parseKept(value: unknown): Kept | null {
  const fields: Partial<Record<keyof Kept, unknown>> = typeof value === 'object' && value !== null ? value : {};
  const { createdNs, what = null, isWelcome, block } = fields;
  if (!isNumber(createdNs) || typeof isWelcome !== 'boolean') return null;
  if (what !== null && typeof what !== 'string') return null;
  return block === null || isNumber(block) ? { createdNs, what, isWelcome, block } : null;
}

function isNumber(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,20}$/.test(value);
}
