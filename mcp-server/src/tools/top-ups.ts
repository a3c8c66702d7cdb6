// `top_up`: a machine that runs low buys cycles from its own reserve. Anybody may ask it to; it decides by its own terms.
import { ok } from '@tamc/base/result';
import type { Machine } from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { z } from 'zod';
import { renderMoney, type Unit } from '../amounts.ts';
import { fence } from '../fence.ts';
import { allFound, found, machineId, openMachine, type Reply } from '../found.ts';
import { unitOf, unitsOf } from '../money.ts';
import { defineWriteTool, type Facts } from '../tool.ts';

type ComputeReply = Reply<Machine['compute']>;

export const topUpTool = defineWriteTool({
  name: 'top_up',
  title: 'Top up a machine',
  description: 'Has a machine that runs low buy cycles from its own compute purse, by its own terms.',
  toolset: 'operate',
  isOnceHere: true,
  input: z.object({ machine: machineId }),
  output: z.object({ status: z.string() }),
  plan: async ({ machine: text }, { access }) => {
    const machine = openMachine(access, text);
    if (!machine.ok) return machine;
    const read = await allFound({ compute: machine.value.compute(), balances: machine.value.balances() });
    if (!read.ok) return read;
    const { compute, balances } = read.value;
    const unit = 'none' in compute.source ? null : unitOf(unitsOf(balances), sourceLedger(compute));
    const summary = `Have machine ${text} buy cycles for ${render(compute.terms.top_up_amount, unit)} of its own.`;
    const facts = { machine: text, ...computeFacts(compute, unit) };
    return ok({ prepared: { machine: machine.value, text, unit }, summary, facts, needsConfirmation: false });
  },
  act: async ({ machine, text, unit }) =>
    found(await machine.top_up(), (compute) => ({
      status: compute.open_top_up.map(topUpStatus)[0] ?? 'asked',
      machine: text,
      ...computeFacts(compute, unit),
    })),
});

function sourceLedger({ source }: ComputeReply): { toText(): string } {
  if ('simulated_desk' in source) return source.simulated_desk.ledger;
  return 'minting_canister' in source ? source.minting_canister.ledger : { toText: () => '' };
}

function computeFacts(compute: ComputeReply, unit: Unit | null): Facts {
  const { cycles, is_low, is_frozen, reserve_available, terms } = compute;
  return {
    cycles,
    low: is_low,
    frozen: is_frozen,
    reserve: render(reserve_available, unit),
    buys_for: render(terms.top_up_amount, unit),
  };
}

function topUpStatus({ status }: NonNullable<ComputeReply['open_top_up'][0]>): string {
  return 'failed' in status ? `failed: ${fence(status.failed.message)}` : wordOf(status);
}

function render(amount: bigint, unit: Unit | null): string {
  return unit === null ? amount.toString() : renderMoney(amount, unit);
}
