// The controller in a washer: it has a key of its own, looks at what is open, and reports in order. Where its sequence stands it
// asks the machine, as one that has just been switched on.
import { createHash } from 'node:crypto';
import type { Machine } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { CandidReportBody } from '@tamc/protocol/report';
import { expectOk, type Network } from './network.ts';
import type { Person } from './people.ts';

export interface Device {
  readonly person: Person;
  readonly machine: Machine;
  /** Numbers of the open commands with this action, the oldest first. */
  open(action: string): Promise<readonly number[]>;
  report(...bodies: readonly CandidReportBody[]): Promise<void>;
  /** A whole job: accepted, acted, confirmed with what was metered. */
  wash(command: number, minutes: bigint): Promise<void>;
}

export const evidenceOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());

export function createDevice(network: Network, person: Person, id: PrincipalHex): Device {
  const machine = person.machine(id);
  const device: Device = {
    person,
    machine,
    open: async (action) => {
      const open = expectOk(await machine.open_commands());
      return open.filter((command) => command.action === action).map(({ command }) => command);
    },
    report: async (...bodies) => {
      const known = expectOk(await machine.devices()).find(({ key }) => key.toText() === person.principal.toText());
      const first = (known?.last_sequence ?? 0) + 1;
      const reports = bodies.map((body, i) => ({ sequence: first + i, at_ns: network.nowNs(), body }));
      const { refused } = expectOk(await machine.report(reports));
      if (refused.length > 0) throw new Error(JSON.stringify(refused));
    },
    wash: async (command, minutes) => {
      await device.report({ accepted: { command } }, { acted: { command } });
      const evidence = evidenceOf(`program of command ${command}`);
      await device.report(
        { meter: { meter: 'drum', value: 1_000n + minutes, unit: 'min', evidence } },
        { confirmed: { command, quantity: minutes, evidence } },
      );
    },
  };
  return device;
}
