// Events of commands and reports as changes of tables.
import { type CommandEvent, commandLimits } from '@tamc/protocol/commands';
import { applySequence } from '../devices/apply.ts';
import type { Envelope, MachineTables } from '../state.ts';
import { commandOf } from './status.ts';
import type { Command } from './tables.ts';

export function applyCommands(tables: MachineTables, event: CommandEvent, envelope: Envelope): void {
  if ('sequence' in event) applySequence(tables, event, envelope);
  switch (event.kind) {
    case 'CommandRequested':
      applyRequested(tables, event, envelope);
      break;
    case 'CommandAccepted':
      changeCommand(tables, event.command, { acceptedNs: event.atNs });
      break;
    case 'CommandActed':
      changeCommand(tables, event.command, { actedNs: event.atNs });
      break;
    case 'CommandConfirmed': {
      const { atNs: endedNs, quantity, evidence } = event;
      applyEnded(tables, event.command, { endedNs, outcome: 'confirmed', quantity, evidence }, envelope);
      break;
    }
    case 'CommandFailed': {
      const { atNs: endedNs, reason, evidence } = event;
      applyEnded(tables, event.command, { endedNs, outcome: 'failed', reason, evidence }, envelope);
      break;
    }
    case 'CommandCancelled': {
      const { reason } = event;
      applyEnded(tables, event.command, { endedNs: envelope.timeNs, outcome: 'failed', reason }, envelope);
      break;
    }
    case 'ReportIgnored':
    case 'HeartbeatReported':
      break;
  }
}

const unanswered = {
  acceptedNs: null,
  actedNs: null,
  endedNs: null,
  outcome: null,
  quantity: null,
  evidence: null,
  reason: null,
};

type Requested = Extract<CommandEvent, { kind: 'CommandRequested' }>;

function applyRequested(tables: MachineTables, event: Requested, { timeNs, by }: Envelope): void {
  const { kind: _, command, ...wanted } = event;
  tables.commands.set(command, { ...wanted, ...unanswered, by, requestedNs: timeNs });
  const { device, action, expiresNs } = event;
  const before = tables.commandQueue.get().open;
  const open = before.filter((other) => timeNs < other.expiresNs);
  tables.commandQueue.set({ next: command + 1, open: [...open, { command, device, action, expiresNs }] });
  // One leaves as one comes; an old one that is still open leaves when it ends.
  forgetUnlessOpen(tables, command - commandLimits.keptCount);
  for (const { command: expired } of before)
    if (expired <= command - commandLimits.keptCount) forgetUnlessOpen(tables, expired);
}

function applyEnded(tables: MachineTables, number: number, change: Partial<Command>, { timeNs }: Envelope): void {
  changeCommand(tables, number, change);
  const { next, open } = tables.commandQueue.get();
  const still = open.filter(({ command, expiresNs }) => command !== number && timeNs < expiresNs);
  tables.commandQueue.set({ next, open: still });
  for (const { command } of open) if (command < next - commandLimits.keptCount) forgetUnlessOpen(tables, command);
}

function forgetUnlessOpen(tables: MachineTables, number: number): void {
  if (number < 1) return;
  const isOpen = tables.commandQueue.get().open.some(({ command }) => command === number);
  if (!isOpen) tables.commands.delete(number);
}

function changeCommand(tables: MachineTables, number: number, change: Partial<Command>): void {
  tables.commands.set(number, { ...commandOf(tables, number), ...change });
}
