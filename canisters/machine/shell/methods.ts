// How methods run in Wasm: before every update what time has brought is decided, and a timer wakes the machine when nobody calls.

import type { Result } from '@tamc/base/result';
import type { Refusal } from '@tamc/protocol/refusal';
import { limitArguments } from '@tamc/shared/azle/argument-limits';
import { createShell, type Shell } from '@tamc/shared/azle/shell';
import type { Context } from '@tamc/shared/rule';
import { canisterCycleBalance, clearTimer, setTimer, setTimerInterval, time } from 'azle';
import { observeCycles } from '../compute/rules.ts';
import { noticeLease } from '../control/end.ts';
import type { MachineEvent } from '../events.ts';
import { longArguments } from '../long-arguments.ts';
import { type MachineRule, machineDefinition, nextWakeNs, notices } from '../machine.ts';
import { machineOutcomes } from '../outcomes.ts';
import type { MachineTables } from '../state.ts';

/** An outcome may bring something that is due at once, or a deadline: the timer looks a second later. */
const outcomes: typeof machineOutcomes = Object.fromEntries(
  Object.entries(machineOutcomes).map(([word, rule]): [string, typeof rule] => [
    word,
    (...given) => {
      armIn(1);
      return rule(...given);
    },
  ]),
);

const shell = createShell({ ...machineDefinition, outcomes });
const secondNs = 1_000_000_000n;

/** Nobody may call for long: cycles are looked at all the same. Once an hour costs next to nothing. */
const watchSeconds = 3_600;

/** Only those whom the machine knows send what is long. */
export const isAccepted = limitArguments((caller) => longArguments(shell.tables, caller, time()));

type MachineShell = Shell<MachineTables, MachineEvent>;

export const { tables, events, openCalls, layout, certificate } = shell;

export const update: MachineShell['update'] = (rule, command, render) => {
  notice();
  const answer = shell.update(rule, command, render);
  wake();
  return answer;
};

/** For a stop: nothing that time has brought, and that could fail, stands in its way; it is looked at right afterwards. */
export const updateAtOnce: MachineShell['update'] = (rule, command, render) => {
  const answer = shell.update(rule, command, render);
  armIn(1);
  return answer;
};

export const settled: MachineShell['settled'] = (rule, command, render) => {
  notice();
  const answer = shell.settled(rule, command, render);
  wake();
  return answer;
};

export const command: MachineShell['command'] = (commandId, rule, given, render) => {
  notice();
  const answer = shell.command(commandId, rule, given, render);
  wake();
  return answer;
};

export const commandSettled: MachineShell['commandSettled'] = (commandId, rule, given, render) => {
  notice();
  const answer = shell.commandSettled(commandId, rule, given, render);
  wake();
  return answer;
};

export function perform<Command, Reply>(rule: MachineRule<Command, Reply>, given: Command): Result<Reply, Refusal> {
  notice();
  const result = shell.perform(rule, given);
  wake();
  return result;
}

/** After a first one in the same message, to which time has brought nothing since. */
export const performFurther: typeof perform = (rule, given) => {
  const result = shell.perform(rule, given);
  // What it decided may be due at once: money to be moved, a lease that ends.
  wake();
  return result;
};

/** In `@init`. */
export function birth<Init>(rule: MachineRule<Init, null>, given: Init): Result<null, Refusal> {
  const born = shell.perform(rule, given);
  shell.start();
  setTimerInterval(watchSeconds, ring);
  return born;
}

/** In `@postUpgrade`: an upgrade takes all timers away, and nobody waits any more for calls that were open. */
export function goOn(rule: MachineRule<null, null>): void {
  shell.perform(rule, null);
  shell.resume();
  setTimerInterval(watchSeconds, ring);
  wake();
}

/** Most often there is nothing, and then nothing is performed: certifying costs more than looking. */
function notice(): void {
  const context = shell.context();
  noticeBy(context, observeCycles, canisterCycleBalance());
  for (const rule of notices) noticeBy(context, rule, null);
}

function noticeBy<Command>(context: Context, rule: MachineRule<Command, null>, given: Command): void {
  const seen = rule(tables, context, given);
  const isNothing = seen.ok && seen.value.events.length === 0 && seen.value.calls.length === 0;
  if (!isNothing) shell.perform(rule, given);
}

let armed: { readonly atNs: bigint; readonly id: bigint } | null = null;

/**
 * A timer that rings too early only looks and is set again, so a heartbeat costs no timer. An interval and not a single shot:
 * when a message of it traps, the next one comes by itself.
 */
function wake(): void {
  const nextNs = nextWakeNs(tables, time());
  if (armed !== null && nextNs !== null && armed.atNs <= nextNs && armed.atNs > time()) return;
  if (armed !== null) clearTimer(armed.id);
  armed = null;
  if (nextNs !== null) armIn(nextNs > time() ? Number((nextNs - time() + secondNs - 1n) / secondNs) : 1);
}

/** Unless it rings sooner. */
function armIn(seconds: number): void {
  const atNs = time() + BigInt(seconds) * secondNs;
  if (armed !== null && armed.atNs <= atNs && armed.atNs > time()) return;
  if (armed !== null) clearTimer(armed.id);
  armed = { atNs, id: setTimerInterval(seconds, ring) };
}

/** The dead-man rule in a message of its own: if anything else fails, the devices have been told to be safe all the same. */
function ring(): void {
  shell.perform(noticeLease, null);
  setTimer(0, () => {
    notice();
    wake();
  });
}
