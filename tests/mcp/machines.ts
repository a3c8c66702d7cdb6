// What tests of the tools do on a machine without the tools: the owner's grants, and a device with a key of its own.
import { createHash } from 'node:crypto';
import type { Machine } from '@tamc/client';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal } from '@tamc/protocol/principal';
import type { CandidReportBody } from '@tamc/protocol/report';
import { expectOk } from '../journeys/network.ts';
import { type Assistant, dollar, type McpWorld, type Person } from './world.ts';

const hourNs = 3_600_000_000_000n;

/** Up to two dollars at once, asked above one, five in a day; all powers. */
export function termsFor({ ledger, nowNs }: McpWorld, changes: Partial<CandidMandateTerms> = {}): CandidMandateTerms {
  return {
    label: 'assistant',
    ledger: hexToPrincipal(ledger),
    amount_range: { min: 0n, max: 2n * dollar },
    budget: { amount: 5n * dollar, period_ns: 24n * hourNs },
    agent_recurrence: 100,
    allowed_payees: { any: null },
    allowed_purposes: { any: null },
    not_before_ns: nowNs() - hourNs,
    expires_ns: nowNs() + 24n * hourNs,
    reserve_floor: 0n,
    ask_above: dollar,
    powers: ['command', 'control', 'tariff', 'enrol'],
    ...changes,
  };
}

export async function grant(
  world: McpWorld,
  id: string,
  delegate: Person,
  changes: Partial<CandidMandateTerms> = {},
): Promise<void> {
  const terms = termsFor(world, changes);
  const command_id = `grant ${delegate.id} ${JSON.stringify(terms.powers)} ${terms.ask_above}`.slice(-64);
  expectOk(await world.owner.machine(id).grant_mandate({ command_id, delegate: delegate.principal, terms }));
}

export async function createWashers(assistant: Assistant, count: number): Promise<readonly string[]> {
  const wanted = { count, kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp', actions: ['wash'] };
  const { facts, text } = await assistant.act('create_machines', wanted);
  if (facts?.status !== 'born') throw new Error(text);
  return facts.machines as string[];
}

export interface Device {
  readonly machine: Machine;
  report(...bodies: readonly CandidReportBody[]): Promise<void>;
  /** Numbers of what it has before it. */
  open(): Promise<readonly number[]>;
  finish(command: number, quantity: bigint): Promise<void>;
}

export const evidence = new Uint8Array(createHash('sha256').update('evidence').digest());

export function createDevice({ nowNs }: McpWorld, person: Person, id: string): Device {
  const machine = person.machine(id);
  const device: Device = {
    machine,
    report: async (...bodies) => {
      const known = expectOk(await machine.devices()).find(({ key }) => key.toText() === person.text);
      const first = (known?.last_sequence ?? 0) + 1;
      const reports = bodies.map((body, i) => ({ sequence: first + i, at_ns: nowNs(), body }));
      const { refused } = expectOk(await machine.report(reports));
      if (refused.length > 0) throw new Error(JSON.stringify(refused));
    },
    open: async () => expectOk(await machine.open_commands()).map(({ command }) => command),
    finish: (command, quantity) =>
      device.report({ accepted: { command } }, { acted: { command } }, { confirmed: { command, quantity, evidence } }),
  };
  return device;
}
