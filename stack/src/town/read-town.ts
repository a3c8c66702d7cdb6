// The state of every machine of a registry, from the canisters alone: what `tamc status` draws.
import { ok, type Result, refuse } from '@tamc/base/result';
import {
  bindMachine,
  bindRegistry,
  type CallError,
  type Connection,
  type MachineReply,
  type MachineViewReply,
  wordOf,
} from '@tamc/client';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';

export const machineStates = [
  'no answer',
  'stopped',
  'frozen',
  'fault',
  'busy',
  'controlled',
  'free',
  'no device',
] as const;
export type MachineState = (typeof machineStates)[number];

export interface TownMachine {
  readonly id: PrincipalHex;
  readonly operator: PrincipalHex;
  readonly name: string;
  readonly kind: string;
  readonly make: string;
  /** What it says of itself first, in this order of weight. */
  readonly state: MachineState;
  /** Booked money of its own, in minor units of its home ledger: the main purse and what is reserved for compute. */
  readonly earned: bigint;
  readonly symbol: string;
  readonly decimals: number;
  /** Of its most worn part; null: never reported. */
  readonly wearPpm: number | null;
  readonly verdict: string | null;
  readonly fault: string | null;
  readonly openOrders: number;
  /** By the device's own clock; null: it never reported. */
  readonly lastReportNs: bigint | null;
}

const pageMax = 200;
/** Each is three questions; more at once would only wait in the replica's line. */
const machinesAtOnce = 8;

export async function readTown(
  connection: Connection,
  registry: PrincipalHex,
): Promise<Result<readonly TownMachine[], CallError>> {
  const registered = await readRegistry(connection, registry);
  if (!registered.ok) return registered;
  const found: TownMachine[] = [];
  for (let at = 0; at < registered.value.length; at += machinesAtOnce) {
    const items = registered.value.slice(at, at + machinesAtOnce);
    for (const machine of await Promise.all(items.map((item) => readRegistered(connection, item)))) {
      if (!machine.ok) return machine;
      found.push(machine.value);
    }
  }
  return ok(found);
}

/** What the registry itself knows of its machines: one question for each page, and none to a machine. */
export async function readRegistry(
  connection: Connection,
  registry: PrincipalHex,
): Promise<Result<readonly MachineReply[], CallError>> {
  const found: MachineReply[] = [];
  for (let from = 0; ; ) {
    const page = await bindRegistry(connection, registry).machines(from, pageMax);
    if (!page.ok) return page;
    found.push(...page.value.items);
    if (page.value.next >= page.value.end) return ok(found);
    from = page.value.next;
  }
}

/** One that does not answer, while its code is changed or because it ran dry, is shown as that and hides no other. */
async function readRegistered(connection: Connection, item: MachineReply): Promise<Result<TownMachine, CallError>> {
  const machine = await readMachine(connection, principalToHex(item.canister));
  return machine.ok || machine.error.kind !== 'rejected' ? machine : ok(silentMachine(item));
}

function silentMachine({ canister, operator, kind, make, model }: MachineReply): TownMachine {
  return {
    id: principalToHex(canister),
    operator: principalToHex(operator),
    name: model,
    kind,
    make,
    state: 'no answer',
    earned: 0n,
    symbol: '',
    decimals: 0,
    wearPpm: null,
    verdict: null,
    fault: null,
    openOrders: 0,
    lastReportNs: null,
  };
}

export async function readMachine(connection: Connection, id: PrincipalHex): Promise<Result<TownMachine, CallError>> {
  const machine = bindMachine(connection, id);
  const [view, balances, condition] = await Promise.all([machine.machine(), machine.balances(), machine.condition()]);
  if (!view.ok) return refuse(view.error);
  if (!balances.ok) return refuse(balances.error);
  if (!condition.ok) return refuse(condition.error);
  const home = balances.value[0];
  const own = balances.value.filter(
    ({ ledger, purse }) => ledger.toText() === home?.ledger.toText() && !('escrow' in purse),
  );
  const worn = condition.value.toSorted((a, b) => (b.wear_ppm[0] ?? 0) - (a.wear_ppm[0] ?? 0))[0];
  const { kind, make, model, operator, devices, open_orders } = view.value;
  const reportTimes = devices.flatMap(({ last_report_ns }) => last_report_ns);
  return ok({
    id,
    operator: principalToHex(operator),
    name: model,
    kind,
    make,
    state: stateOf(view.value),
    earned: own.reduce((sum, { booked }) => sum + booked, 0n),
    symbol: home?.symbol ?? '',
    decimals: home?.decimals ?? 0,
    wearPpm: worn?.wear_ppm[0] ?? null,
    verdict: view.value.condition[0] === undefined ? null : wordOf(view.value.condition[0]),
    fault: condition.value.flatMap(({ fault }) => fault)[0] ?? null,
    openOrders: open_orders,
    lastReportNs: reportTimes.reduce<bigint | null>((last, at) => (last === null || at > last ? at : last), null),
  });
}

function stateOf({ stopped, frozen, condition, open_orders, lease, devices }: MachineViewReply): MachineState {
  const facts: Readonly<Record<MachineState, boolean>> = {
    'no answer': false,
    stopped: stopped.length > 0,
    frozen,
    fault: condition[0] !== undefined && 'fault' in condition[0],
    busy: open_orders > 0,
    controlled: lease.length > 0,
    free: devices.length > 0,
    'no device': true,
  };
  return machineStates.find((state) => facts[state]) ?? 'no device';
}
