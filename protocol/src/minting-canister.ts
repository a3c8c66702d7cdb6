// The cycles minting canister of the main network, as far as a machine needs it: ICP sent to an account made of the machine's
// principal, with a memo that says what for, is exchanged for cycles when the block is told. Telling it again changes nothing.
import { IDL } from '@dfinity/candid';
import { bytesToHex } from '@tamc/base/bytes';
import { type Account, accountOf, subaccountBytes } from './account.ts';
import { caseOf, fieldOf, readCandid } from './candid-reader.ts';
import type { PrincipalHex } from './principal.ts';

/** `TPUP` as a 64-bit number, lowest byte first. */
export const topUpMemo = bytesToHex(Uint8Array.of(0x54, 0x50, 0x55, 0x50, 0, 0, 0, 0));

/** The account of the minting canister that is meant for this canister. */
export function topUpAccount(cmc: PrincipalHex, machine: PrincipalHex): Account {
  const length = (machine.length / 2).toString(16).padStart(2, '0');
  return accountOf(cmc, `${length}${machine}`.padEnd(2 * subaccountBytes, '0'));
}

export const NotifyTopUpArgsType = IDL.Record({ block_index: IDL.Nat64, canister_id: IDL.Principal });

export type TopUpAnswer =
  | { readonly kind: 'delivered'; readonly cycles: bigint }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly refundBlock: bigint | null }
  /** Being worked on, or no answer at all: ask again. */
  | { readonly kind: 'later' };

const later: TopUpAnswer = { kind: 'later' };
const answerBytesMax = 4_096;

/** Of the minting canister and of the simulated desk alike: `Ok` holds cycles, `Err` says whether to ask again. */
export function readMintingAnswer(bytes: Uint8Array): TopUpAnswer {
  const read = readCandid(bytes, answerBytesMax);
  if (!read.ok) return later;
  const [result] = read.value;
  const cycles = caseOf(result, 'Ok');
  if (typeof cycles === 'bigint') return { kind: 'delivered', cycles };
  const error = caseOf(result, 'Err');
  const refunded = caseOf(error, 'Refunded');
  if (refunded !== undefined) {
    const block = fieldOf(refunded, 'block_index');
    return failed('Refunded', fieldOf(refunded, 'reason'), typeof block === 'bigint' ? block : null);
  }
  const invalid = caseOf(error, 'InvalidTransaction');
  if (invalid !== undefined) return failed('InvalidTransaction', invalid);
  const tooOld = caseOf(error, 'TransactionTooOld');
  return tooOld === undefined ? later : failed('TransactionTooOld', tooOld);
}

export function readDeskAnswer(bytes: Uint8Array): TopUpAnswer {
  const read = readCandid(bytes, answerBytesMax);
  if (!read.ok) return later;
  const [result] = read.value;
  const cycles = fieldOf(caseOf(result, 'Ok'), 'cycles');
  if (typeof cycles === 'bigint') return { kind: 'delivered', cycles };
  const error = caseOf(result, 'Err');
  const [kind, code] = [fieldOf(error, 'kind'), fieldOf(error, 'code')];
  if (typeof kind !== 'string' || typeof code !== 'string' || kind === 'elsewhere') return later;
  return failed(code, fieldOf(error, 'message'));
}

function failed(code: string, message: unknown, refundBlock: bigint | null = null): TopUpAnswer {
  return { kind: 'failed', code: code.slice(0, 64), message: String(message ?? '').slice(0, 200), refundBlock };
}
