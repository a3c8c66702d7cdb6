// What a reader sees of commands.
import { hexToPrincipal } from '@tamc/protocol/principal';
import { bytesOf, optionOf, wordOf } from '../candid.ts';
import type { MachineTables } from '../state.ts';
import { commandStatus, openCommands } from './status.ts';

/** Null when there is none of this number, or no longer. */
export function commandToCandid(tables: MachineTables, number: number, nowNs: bigint) {
  const command = tables.commands.get(number);
  if (command === null) return null;
  return {
    command: number,
    device: command.device,
    action: command.action,
    arguments: command.arguments,
    requested_by: hexToPrincipal(command.by),
    requested_ns: command.requestedNs,
    expires_ns: command.expiresNs,
    cause: optionOf(command.cause),
    status: wordOf(commandStatus(command, nowNs)),
    accepted_ns: optionOf(command.acceptedNs),
    acted_ns: optionOf(command.actedNs),
    ended_ns: optionOf(command.endedNs),
    quantity: optionOf(command.quantity),
    evidence: optionOf(command.evidence).map(bytesOf),
    reason: optionOf(command.reason),
  };
}

export function openCommandsToCandid(tables: MachineTables, nowNs: bigint) {
  return openCommands(tables, nowNs).map(({ command }) => commandToCandid(tables, command, nowNs)!);
}

/** The newest first. */
export function commandsToCandid(tables: MachineTables, before: number | null, limit: number, nowNs: bigint) {
  const last = Math.min(before ?? Number.POSITIVE_INFINITY, tables.commandQueue.get().next) - 1;
  const numbers = Array.from({ length: Math.max(0, Math.min(limit, commandsPerPageMax, last)) }, (_, i) => last - i);
  return numbers.flatMap((number) => commandToCandid(tables, number, nowNs) ?? []);
}

/** With arguments of 4 KiB each, an answer stays below half a megabyte. */
const commandsPerPageMax = 100;
