// Cycles: looking at balances, accepting what came, burning. Amounts are conserved: what leaves one place arrives in another.

import { parsePrincipalText, principalToText } from '../codec/principal.ts';
import { addCycles, smallerOf } from '../cycles/balance.ts';
import { type Execution, Trap } from '../execution/execution.ts';
import { liquidCycles } from './account.ts';
import { joinCycles, writeCycles } from './heap.ts';
import { isAnswered } from './reply.ts';

const cyclesMintingCanisterText = 'rkp4c-7iaaa-aaaaa-aaaca-cai';
const cyclesMintingCanister = parsePrincipalText(cyclesMintingCanisterText);

/** The 64-bit functions trap rather than lie. */
function asUnsigned64(amount: bigint): bigint {
  if (amount < 1n << 64n) return amount;
  throw new Trap('wasmTrap', 'cycles amount exceeds 64-bit representation');
}

/** An answer sends everything back that was not accepted before. */
function available(execution: Execution): bigint {
  return isAnswered(execution) ? 0n : execution.effects.cyclesAvailable;
}

export function msgCyclesAvailable(execution: Execution): bigint {
  return asUnsigned64(available(execution));
}

export function msgCyclesAvailable128(execution: Execution, dst: number): void {
  writeCycles(execution, 'msg_cycles_available128', dst, available(execution));
}

export function msgCyclesRefunded({ input }: Execution): bigint {
  return asUnsigned64(input.cyclesRefunded);
}

export function msgCyclesRefunded128(execution: Execution, dst: number): void {
  writeCycles(execution, 'msg_cycles_refunded128', dst, execution.input.cyclesRefunded);
}

function accept(execution: Execution, amountMax: bigint): bigint {
  const { effects } = execution;
  const amount = smallerOf(amountMax, available(execution));
  effects.cyclesAvailable -= amount;
  effects.cyclesAccepted += amount;
  effects.cycles = addCycles(effects.cycles, amount);
  return amount;
}

export function msgCyclesAccept(execution: Execution, amountMax: bigint): bigint {
  return accept(execution, amountMax);
}

export function msgCyclesAccept128(execution: Execution, high: bigint, low: bigint, dst: number): void {
  writeCycles(execution, 'msg_cycles_accept128', dst, accept(execution, joinCycles(high, low)));
}

/** As much as asked for, but never into the freezing limit. */
export function cyclesBurn128(execution: Execution, high: bigint, low: bigint, dst: number): void {
  const { effects } = execution;
  const amount = smallerOf(joinCycles(high, low), liquidCycles(execution));
  effects.cycles -= amount;
  effects.cyclesBurned += amount;
  writeCycles(execution, 'cycles_burn128', dst, amount);
}

export function canisterCycleBalance({ effects }: Execution): bigint {
  return asUnsigned64(effects.cycles);
}

export function canisterCycleBalance128(execution: Execution, dst: number): void {
  writeCycles(execution, 'canister_cycle_balance128', dst, execution.effects.cycles);
}

export function canisterLiquidCycleBalance128(execution: Execution, dst: number): void {
  writeCycles(execution, 'canister_liquid_cycle_balance128', dst, liquidCycles(execution));
}

/** Not in the specification, but linked by DFINITY's replica: only the cycles minting canister makes cycles. */
export function mintCycles128(execution: Execution, high: bigint, low: bigint, dst: number): void {
  const { effects, environment } = execution;
  if (environment.canisterId !== cyclesMintingCanister) {
    const ids = `${principalToText(environment.canisterId)} != ${cyclesMintingCanisterText}`;
    const text = `ic0.mint_cycles128 cannot be executed on non Cycles Minting Canister: ${ids}`;
    throw new Trap('contractViolation', text);
  }
  const before = effects.cycles;
  effects.cycles = addCycles(before, joinCycles(high, low));
  writeCycles(execution, 'mint_cycles128', dst, effects.cycles - before);
}
