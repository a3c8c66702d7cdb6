import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { type Account, accountOf } from '@tamc/protocol/account';
import { GetBlocksResultType } from '@tamc/protocol/icrc3-types';
import { hexToPrincipal, managementCanister, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { deskLimits } from '@tamc/protocol/simulated-desk';
import { openCanister } from '@tamc/shared/canister';
import type { CallOutcome } from '@tamc/shared/rule';
import { createMemoryStore } from '@tamc/shared/tables/index';
import { describe, expect, it } from 'vitest';
import { deskDefinition, saleAnswer } from './desk.ts';
import { openDesk, topUp } from './rules.ts';

const id = (number: number): PrincipalHex =>
  principalToHex(Principal.fromUint8Array(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, number, 1, 1)));
const [desk, ledger, machine, stranger] = [id(1), id(2), id(3), id(4)];

const account = ({ owner }: Account) => ({ Array: [{ Blob: hexToPrincipal(owner).toUint8Array() }] });

function blockReply(index: bigint, from: PrincipalHex, to: PrincipalHex, amount: bigint, btype = '1xfer'): Uint8Array {
  const tx = {
    Map: [
      ['amt', { Nat: amount }],
      ['from', account(accountOf(from))],
      ['to', account(accountOf(to))],
    ],
  };
  const block = {
    Map: [
      ['btype', { Text: btype }],
      ['tx', tx],
    ],
  };
  const result = { log_length: index + 1n, blocks: [{ id: index, block }], archived_blocks: [] };
  return new Uint8Array(IDL.encode([GetBlocksResultType], [result]));
}

function openWorld() {
  const canister = openCanister(deskDefinition, createMemoryStore());
  const context = (caller: PrincipalHex) => ({ self: desk, caller, nowNs: 1n });
  const opened = canister.update(context(stranger), openDesk, {
    ledger: hexToPrincipal(ledger),
    cycles_per_unit: 1_000n,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const { tables } = canister;
  return {
    tables,
    ask: (block: bigint) => {
      const done = canister.update(context(stranger), topUp, block);
      return done.ok ? done.value.callIds : done.error.code;
    },
    call: (call: string) => tables.outbox.get(call),
    take: (call: string, outcome: CallOutcome) => {
      const taken = canister.takeOutcome(context(desk), call, outcome);
      if (!taken.ok) throw taken.error;
    },
    state: (block: bigint) => tables.sales.get(block)?.state.kind,
    code: (block: bigint) => saleAnswer(tables, block).refusal?.code,
  };
}

const replied = (bytes: Uint8Array): CallOutcome => ({ kind: 'replied', bytes });

describe('the simulated desk', () => {
  it('looks the block up and sends its price in cycles to who paid, whoever asks', () => {
    const world = openWorld();
    expect(world.ask(5n)).toEqual(['block/5']);
    expect(world.call('block/5')).toMatchObject({ callee: ledger, method: 'icrc3_get_blocks' });
    world.take('block/5', replied(blockReply(5n, machine, desk, 30n)));
    expect(world.call('deposit/5')).toMatchObject({ callee: managementCanister, cycles: 30_000n, isRepeatable: false });
    expect(world.code(5n)).toBe('SaleUnderWay');
    world.take('deposit/5', replied(new Uint8Array()));
    expect(saleAnswer(world.tables, 5n).reply).toMatchObject({ cycles: 30_000n, amount: 30n });
  });

  it('sells once per block, whatever is asked at whatever moment', () => {
    const world = openWorld();
    world.ask(5n);
    expect(world.ask(5n)).toEqual([]);
    world.take('block/5', replied(blockReply(5n, machine, desk, 30n)));
    expect(world.ask(5n)).toEqual([]);
    world.take('deposit/5', replied(new Uint8Array()));
    expect(world.ask(5n)).toEqual([]);
    expect(world.state(5n)).toBe('delivered');
  });

  it('sends cycles again only when they came back', () => {
    const world = openWorld();
    world.ask(5n);
    world.take('block/5', replied(blockReply(5n, machine, desk, 30n)));
    world.take('deposit/5', { kind: 'rejected', code: 4, message: 'no such canister' });
    expect(world.code(5n)).toBe('DeliveryFailed');
    expect(world.ask(5n)).toEqual(['deposit/5']);
    world.take('deposit/5', { kind: 'unknown' });
    expect(world.code(5n)).toBe('DeliveryUnknown');
    expect(world.ask(5n)).toEqual([]);
  });

  it('sells nothing for what is no payment to it', () => {
    for (const bytes of [
      blockReply(5n, machine, stranger, 30n),
      blockReply(5n, desk, desk, 30n),
      blockReply(5n, machine, desk, 30n, '2approve'),
      blockReply(5n, machine, desk, 0n),
      blockReply(5n, machine, desk, 2n ** 100n),
    ]) {
      const world = openWorld();
      world.ask(5n);
      world.take('block/5', replied(bytes));
      expect(world.code(5n)).toBe('NoPayment');
      // Nothing is kept of it, so the ledger is asked anew.
      expect(world.ask(5n)).toEqual(['block/5']);
    }
  });

  it('keeps nothing of blocks that do not exist or pay nobody, however many are asked for', () => {
    const world = openWorld();
    for (let block = 1_000n; block < 1_000n + 300n; block++) {
      world.ask(block);
      const outcome = block % 2n === 0n ? blockReply(block, machine, stranger, 30n) : blockReply(1n, machine, desk, 1n);
      world.take(`block/${block}`, replied(outcome));
      expect(world.code(block)).toBe(block % 2n === 0n ? 'NoPayment' : 'LedgerSilent');
    }
    expect(world.tables.counts.get()).toMatchObject({ sales: 0, open: [] });
    expect(world.tables.counts.get().refused).toHaveLength(deskLimits.refusedKept);
    expect(world.state(1_000n)).toBe(undefined);
    expect(world.code(1_000n)).toBe('LedgerSilent');
    world.ask(5n);
    world.take('block/5', replied(blockReply(5n, machine, desk, 30n)));
    world.take('deposit/5', replied(new Uint8Array()));
    expect(world.state(5n)).toBe('delivered');
    expect(world.tables.counts.get()).toMatchObject({ sales: 1, open: [] });
  });

  it('asks a ledger again that answered nonsense, nothing, or another block', () => {
    for (const outcome of [
      replied(Uint8Array.of(9)),
      replied(blockReply(6n, machine, desk, 1n)),
      { kind: 'rejected', code: 5, message: 'trapped' },
    ] as const) {
      const world = openWorld();
      world.ask(5n);
      world.take('block/5', outcome);
      expect(world.code(5n)).toBe('LedgerSilent');
      expect(world.ask(5n)).toEqual(['block/5']);
    }
  });

  it('refuses what is no block', () => {
    expect(openWorld().ask(2n ** 64n)).toBe('BlockInvalid');
  });
});
