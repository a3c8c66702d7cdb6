// Stands in for the cycles minting canister in tests: the Candid of the real one, its account and memo rules, one delivery per
// block. It believes a ledger of ours, and its cycles are its own.
import { GetBlocksArgsType } from '@tamc/protocol/icrc3-types';
import { readBlocksAnswer } from '@tamc/protocol/ledger-answers';
import { topUpAccount, topUpMemo } from '@tamc/protocol/minting-canister';
import { principalToHex } from '@tamc/protocol/principal';
import { call, canisterSelf, IDL, init, Principal, update } from 'azle';

const NotifyError = IDL.Variant({
  Refunded: IDL.Record({ block_index: IDL.Opt(IDL.Nat64), reason: IDL.Text }),
  InvalidTransaction: IDL.Text,
  Other: IDL.Record({ error_message: IDL.Text, error_code: IDL.Nat64 }),
  Processing: IDL.Null,
  TransactionTooOld: IDL.Nat64,
});
const NotifyTopUpArg = IDL.Record({ block_index: IDL.Nat64, canister_id: IDL.Principal });
const NotifyTopUpResult = IDL.Variant({ Ok: IDL.Nat, Err: NotifyError });

const cyclesPerUnit = 1_000_000n;
const minted = new Map<bigint, bigint | 'processing'>();
let ledger = Principal.anonymous();

export default class {
  @init([IDL.Principal])
  begin(given: Principal): void {
    ledger = given;
  }

  @update([NotifyTopUpArg], NotifyTopUpResult)
  async notify_top_up({ block_index, canister_id }: { block_index: bigint; canister_id: Principal }) {
    const known = minted.get(block_index);
    if (known === 'processing') return { Err: { Processing: null } };
    if (known !== undefined) return { Ok: known };
    minted.set(block_index, 'processing');
    const cycles = await paidFor(block_index, canister_id);
    if (cycles === null) {
      minted.delete(block_index);
      return { Err: { InvalidTransaction: 'no payment for a top up of this canister' } };
    }
    await call('aaaaa-aa', 'deposit_cycles', {
      paramIdlTypes: [IDL.Record({ canister_id: IDL.Principal })],
      args: [{ canister_id }],
      cycles,
    });
    minted.set(block_index, cycles);
    return { Ok: cycles };
  }
}

async function paidFor(index: bigint, canister: Principal): Promise<bigint | null> {
  const args = new Uint8Array(IDL.encode([GetBlocksArgsType], [[{ start: index, length: 1n }]]));
  const bytes = await call<Uint8Array, Uint8Array>(ledger, 'icrc3_get_blocks', { raw: true, args });
  const block = readBlocksAnswer(bytes)?.blocks[0];
  const wanted = topUpAccount(principalToHex(canisterSelf()), principalToHex(canister));
  const { to, memo } = block ?? {};
  const isPaid = to?.owner === wanted.owner && to.subaccount === wanted.subaccount && memo === topUpMemo;
  return isPaid && block !== undefined ? block.amount * cyclesPerUnit : null;
}
