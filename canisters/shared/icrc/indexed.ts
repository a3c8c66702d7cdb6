// A block in the words of the stock ledger's index canister, for clients made for that.
import { hexToPrincipal } from '@tamc/protocol/principal';
import { givenToAccount } from './account.ts';
import { entryOf, valueToGiven } from './history.ts';
import type { Value } from './value.ts';

type Opt<T> = [] | [T];

export function blockToIndexed(block: Value) {
  const tx = entryOf(block, 'tx');
  const operation = textOf(entryOf(tx, 'op'));
  const common = {
    amount: natOf(entryOf(tx, 'amt')) ?? 0n,
    memo: opt(blobOf(entryOf(tx, 'memo'))),
    created_at_time: opt(natOf(entryOf(tx, 'ts'))),
  };
  const [from, to, spender] = ['from', 'to', 'spender'].map((name) => accountOf(entryOf(tx, name)));
  const fee = opt(natOf(entryOf(block, 'fee')) ?? natOf(entryOf(tx, 'fee')));
  const indexed = {
    kind: operation === 'xfer' ? 'transfer' : operation,
    timestamp: natOf(entryOf(block, 'ts')) ?? 0n,
    mint: none<unknown>(),
    burn: none<unknown>(),
    transfer: none<unknown>(),
    approve: none<unknown>(),
  };
  if (operation === 'mint') return { ...indexed, mint: [{ to, ...common }] };
  if (operation === 'burn') return { ...indexed, burn: [{ from, spender: opt(spender), ...common }] };
  if (operation === 'xfer') return { ...indexed, transfer: [{ from, to, spender: opt(spender), fee, ...common }] };
  const terms = {
    expected_allowance: opt(natOf(entryOf(tx, 'expected_allowance'))),
    expires_at: opt(natOf(entryOf(tx, 'expires_at'))),
  };
  return { ...indexed, approve: [{ from, spender, fee, ...terms, ...common }] };
}

const none = <T>(): Opt<T> => [];
const opt = <T>(value: T | null | undefined): Opt<T> => (value === null || value === undefined ? [] : [value]);
const natOf = (value: Value | null) => (value?.kind === 'Nat' ? value.value : null);
const textOf = (value: Value | null) => (value?.kind === 'Text' ? value.text : '');
const blobOf = (value: Value | null) => (value?.kind === 'Blob' ? value.bytes : null);

function accountOf(value: Value | null) {
  const given = valueToGiven(value);
  if (given === null) return null;
  return { owner: hexToPrincipal(givenToAccount(given).owner), subaccount: opt(given.subaccount) };
}
