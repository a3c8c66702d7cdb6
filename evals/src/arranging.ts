// Arranging a world: machines are born, get devices, prices, mandates and money, and have a past. Done by the people of that world
// through the client, as anybody would.
import { assert } from '@tamc/base/assert';
import { textToBytes } from '@tamc/base/bytes';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { sha256 } from '@tamc/protocol/hash';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal, principalToHex } from '@tamc/protocol/principal';
import type { CandidReportBody } from '@tamc/protocol/report';
import { type Behaviour, sendReports } from './device.ts';
import { assertOk, WorldFault } from './expect.ts';
import { assistantTerms, birthOf, type NewMachine, tariffOf, type Use } from './machines.ts';
import type { Looking } from './world.ts';

export interface Arranging {
  bear(operator: string, machines: readonly NewMachine[]): Promise<void>;
  grant(machine: string, delegate: string, changes?: Partial<CandidMandateTerms>): Promise<void>;
  /** New money; a machine's owner books it. */
  give(name: string, amount: bigint): Promise<void>;
  /** Its operator enrols a simulated device. */
  equip(machine: string, behaviour?: Behaviour, as?: string): Promise<void>;
  report(machine: string, ...bodies: readonly CandidReportBody[]): Promise<void>;
  price(machine: string, use: Use, as?: string): Promise<void>;
  /** A paid use; gives the order's number. Devices have not looked yet. */
  order(machine: string, guest: string, quantity?: bigint): Promise<number>;
  pay(machine: string, as: string, to: string, amount: bigint, purpose: string): Promise<void>;
}

/** What one act leads to in other canisters: a capture and a refund, there and back. */
export const roundsAfterAct = 10;
/** Births take some rounds each. */
const roundsMax = 400;
const hourNs = 3_600_000_000_000n;

export const deviceName = (machine: string) => `device of ${machine}`;

export function createArranging({ network, notes, meet, machine, idOf }: Looking): Arranging {
  let acts = 0;
  const nextId = () => `arranged ${++acts}`;
  const { ledger } = notes.places;
  const home = hexToPrincipal(ledger);
  // A ledger takes two transfers of one moment for one.
  const stampNs = () => network.nowNs() + BigInt(++acts);
  /** Whoever has money is looked at when the trial begins. */
  const knows = (name: string) => notes.balances.set(name, 0n);
  const arranging: Arranging = {
    bear: async (operator, machines) => {
      const { registry } = await meet(operator);
      const births = machines.map(birthOf);
      const { first, count } = assertOk(await registry.bear({ command_id: nextId(), module_hash: [], births }));
      for (let rounds = 0; rounds < roundsMax; rounds += roundsAfterAct) {
        await network.pass(roundsAfterAct);
        const { items } = assertOk(await registry.births(first, count));
        if (!items.every(({ step }) => 'born' in step)) continue;
        for (const [i, item] of items.entries())
          notes.machines.set(machines[i]!.name, principalToHex(item.canister[0]!));
        return;
      }
      throw new WorldFault('machines were not born in time');
    },
    grant: async (name, delegate, changes = {}) => {
      const terms = { ...assistantTerms(ledger, network.nowNs()), ...changes };
      const { principal } = await meet(delegate);
      assertOk(await (await machine(name)).grant_mandate({ command_id: nextId(), delegate: principal, terms }));
    },
    give: async (name, amount) => {
      const to = accountOf(idOf(name));
      const block = assertOk(await (await meet('keeper')).ledger.transfer({ to, amount, createdNs: stampNs() }));
      knows(name);
      if (!notes.machines.has(name)) return;
      assertOk(await (await machine(name)).announce_receipt({ ledger: home, block }));
      await network.pass(roundsAfterAct);
    },
    equip: async (name, behaviour = 'obeys', as = 'owner') => {
      const code = sha256(textToBytes(deviceName(name)));
      const enrolment = {
        code_hash: sha256(code),
        label: 'simulated controller',
        expires_ns: network.nowNs() + hourNs,
      };
      assertOk(await (await machine(name, as)).issue_enrolment(enrolment));
      assertOk(await (await machine(name, deviceName(name))).enrol({ code }));
      notes.devices.set(name, { machine: name, behaviour, done: [], damage: null });
      await arranging.report(name, { heartbeat: null });
    },
    report: async (name, ...bodies) => {
      const { id } = await meet(deviceName(name));
      await sendReports(await machine(name, deviceName(name)), id, network.nowNs(), bodies);
    },
    price: async (name, use, as = 'owner') => {
      assertOk(await (await machine(name, as)).set_tariff(tariffOf(ledger, use)));
    },
    order: async (name, guest, quantity = 1n) => {
      const its = await machine(name, guest);
      const [tariff] = assertOk(await its.tariff());
      assert(tariff !== undefined, `machine "${name}" has no price yet`);
      const amount = tariff.price * quantity + 3n * tariff.fee;
      const person = await meet(guest);
      knows(guest);
      assertOk(await person.ledger.approve({ spender: accountOf(idOf(name)), amount, createdNs: stampNs() }));
      const wish = { command_id: nextId(), tariff: tariff.tariff, quantity, subaccount: [] as [] };
      return assertOk(await its.order(wish)).order;
    },
    pay: async (name, as, to, amount, purpose) => {
      const payment = { command_id: nextId(), ledger: home, to: accountToCandid(accountOf(idOf(to))), amount, purpose };
      assertOk(await (await machine(name, as)).pay(payment));
      knows(to);
      await network.pass(roundsAfterAct);
    },
  };
  return arranging;
}
