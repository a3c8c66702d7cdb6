// A machine's typical calls, measured on its Wasm with the real ledger: the second time each, when nothing is done for the first time.
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { codeOf, keyOf, registry, thing } from '../../../canisters/machine/test-machine.ts';
import { secondNs } from '../../harness/world.ts';
import { buildMachine } from '../../machine/machine-world.ts';
import {
  createMoneyWorld,
  dayNs,
  delegate,
  deviceKey,
  guest,
  type MoneyWorld,
  operator,
} from '../../machine/money-world.ts';
import { createMeter, type Meter } from './meter.ts';
import type { Measured } from './page.ts';
import { type Asked, measureQueries } from './queries.ts';

const evidence = new Uint8Array(32).fill(1);
const condition = { part: 'drum', verdict: { good: null }, confidence_ppm: 1, wear_ppm: [2], fault: [] };

export async function measureMachine(): Promise<Measured> {
  const world = await createMoneyWorld();
  const meter = createMeter(world.replica, world.machine.canister);
  const { wasm } = await buildMachine();
  const memory = await meter.memory(wasm);
  const unmeasured: Meter = { ...meter, measure: async (_, run, settle = async () => {}) => run().finally(settle) };
  await prepare(world);
  const { replica, machine } = world;
  const { canister, methods } = machine;
  const target = { replica, canister, methods };
  for (const round of [1, 2]) {
    const at = round === 1 ? unmeasured : meter;
    await measureDevice(world, at, round);
    await measureMoney(world, at, round);
    await measureQueries(target, at, asked);
    await measureHands(world, at, round);
    await measureKeys(world, at, round);
    await measureEnds(world, at, round);
  }
  await meter.measure('nothing, for an hour', () => world.pass(3_600n * secondNs, 6));
  await world.close();
  return { canister: 'machine', memory, wasm, costs: meter.costs };
}

async function prepare({ machine, mint, approve, now }: MoneyWorld): Promise<void> {
  const enrolment = { code_hash: sha256(codeOf('device')), label: 'controller', expires_ns: now() + dayNs };
  await machine.done(operator, 'issue_enrolment', enrolment);
  await machine.done(deviceKey, 'enrol', { code: codeOf('device') });
  await mint(guest, 1_000_000n);
  await approve(guest, 900_000n);
}

let sequence = 0;
const reportOf = ({ now }: MoneyWorld, body: object) => ({ sequence: ++sequence, at_ns: now(), body });

async function measureDevice(world: MoneyWorld, { measure }: Meter, round: number): Promise<void> {
  const { machine, now } = world;
  const done =
    (caller: PrincipalHex, method: string, ...values: unknown[]) =>
    () =>
      machine.done(caller, method, ...values);
  const report = (body: object) => done(deviceKey, 'report', [reportOf(world, body)]);
  const wash = { action: 'drain', arguments: '{"degrees":40}', device: [], expires_ns: now() + dayNs };
  await measure('describe', done(operator, 'describe', thing));
  await measure('set_charter', done(operator, 'set_charter', 'It washes for whoever pays.'));
  const { command } = await measure('command', done(operator, 'command', { command_id: `c${round}`, ...wash }));
  await measure('report: accepted', report({ accepted: { command } }));
  await measure('report: acted', report({ acted: { command } }));
  await measure('report: confirmed', report({ confirmed: { command, quantity: 1n, evidence } }));
  await measure('report: heartbeat', report({ heartbeat: null }));
  await measure(
    'report: condition',
    report({ condition: { ...condition, model_hash: evidence, input_digest: evidence } }),
  );
  await measure('report: meter', report({ meter: { meter: 'drum', value: 7n, unit: 'min', evidence } }));
  const beats = Array.from({ length: 20 }, () => reportOf(world, { heartbeat: null }));
  await measure('report: 20 heartbeats', done(deviceKey, 'report', beats));
}

async function measureMoney(world: MoneyWorld, { measure }: Meter, round: number): Promise<void> {
  const { machine, home } = world;
  const rest = () => world.pass(2n * secondNs, 12);
  const twice = async () => {
    await rest();
    await rest();
  };
  const block = await world.mint('main', 100_000n);
  const terms = world.terms({ powers: ['tariff', 'control'] });
  const grant = { command_id: `m${round}`, delegate: hexToPrincipal(delegate), terms };
  const tariff = { price: 100n, quantity_max: 60n, deadline_ns: 600n * secondNs, orders_at_once: 2 };
  await measure('announce_receipt, booked', () => machine.done(operator, 'announce_receipt', { ledger: home, block }));
  await measure('grant_mandate', () => machine.done(operator, 'grant_mandate', grant));
  await measure('pay, by the operator', () => machine.done(operator, 'pay', world.payment(10n)));
  await measure('pay, by a delegate', () => machine.done(delegate, 'pay', world.payment(10n)));
  await measure('pay, that waits for the operator', () => machine.done(delegate, 'pay', world.payment(400n)));
  const { request, payload_hash } = await firstWaiting(machine);
  await measure('approve, paid', () => machine.done(operator, 'approve', { request, payload_hash }));
  await machine.done(delegate, 'pay', world.payment(400n));
  const declined = await firstWaiting(machine);
  await measure('decline', () => machine.done(operator, 'decline', { request: declined.request }));
  const wanted = { grant_mandate: { delegate: hexToPrincipal(keyOf('ann')), terms } };
  const ask = { command_id: `ask ${round}`, act: wanted, reason: 'she looks after it' };
  const asking = await measure('ask, for a mandate', () => machine.done(delegate, 'ask', ask));
  const approval = { request: asking.request, payload_hash: asking.payload_hash };
  await measure('approve, a mandate', () => machine.done(operator, 'approve', approval));
  await measure('pay, refused', () => machine.refused(guest, 'pay', world.payment(10n)));
  await measure('declare_unexecuted, refused', () => machine.refused(operator, 'declare_unexecuted', { transfer: 0 }));
  await measure('set_tariff', () =>
    machine.done(operator, 'set_tariff', { ledger: home, unit: { use: null }, ...tariff }),
  );
  const order = await measure('order, money held', () => machine.done(guest, 'order', world.order(30n, round - 1)));
  const body = { confirmed: { command: order.device_command[0], quantity: 20n, evidence } };
  const settled = 'report: confirmed, captured and refunded';
  await measure(settled, () => machine.done(deviceKey, 'report', [reportOf(world, body)]), twice);
}

async function measureHands({ machine }: MoneyWorld, { measure }: Meter, round: number): Promise<void> {
  const done =
    (method: string, ...values: unknown[]) =>
    () =>
      machine.done(operator, method, ...values);
  await measure('take_control', done('take_control', { timeout_ns: 60n * secondNs }));
  await measure('keep_control', done('keep_control'));
  await measure('release_control', done('release_control'));
  await done('take_control', { timeout_ns: 60n * secondNs })();
  await measure('offer_control', done('offer_control', { to: [hexToPrincipal(delegate)] }));
  await measure('accept_control', () => machine.done(delegate, 'accept_control'));
  await machine.done(delegate, 'release_control');
  await measure('stop', done('stop', { reason: 'measured' }));
  await measure('release_stop', done('release_stop'));
  await done('stop', { reason: 'measured' })();
  const [stopped] = await machine.query('stopped');
  await measure('release_stop_of', done('release_stop_of', { since_ns: stopped.since_ns }));
  await done('stop', { reason: 'measured' })();
  const ask = { command_id: `release ${round}`, act: { release_stop: null }, reason: 'it was steam' };
  const { request, payload_hash } = await measure('ask, for a release', () => machine.done(delegate, 'ask', ask));
  await measure('approve, a release', done('approve', { request, payload_hash }));
  await measure('approve_upgrade', done('approve_upgrade', { hash: evidence }));
  await measure('prepare_upgrade', () => machine.done(registry, 'prepare_upgrade', [{ hash: evidence }]));
  await measure('offer_operation', done('offer_operation', { to: [hexToPrincipal(keyOf('ann'))] }));
  await measure('offer_operation, taken back', done('offer_operation', { to: [] }));
  await measure('cancel_upgrade', done('cancel_upgrade'));
  await measure('withdraw_tariff', done('withdraw_tariff'));
  const terms = { target: 0n, low_cycles: 1_000n, floor_cycles: 10n, top_up_amount: 0n };
  await measure('set_compute', done('set_compute', terms));
  await measure('take_money_terms, no registry there', () => machine.refused(operator, 'take_money_terms'));
  const [{ mandate }] = await machine.query('mandates');
  await measure('revoke_mandate', done('revoke_mandate', { mandate }));
}

/** A second device comes, changes its key, and goes. */
async function measureKeys({ machine, now }: MoneyWorld, { measure }: Meter, round: number): Promise<void> {
  const [key, next] = [keyOf(`second ${round}`), keyOf(`second ${round}, next`)];
  const code = codeOf(`second ${round}`);
  const enrolment = { code_hash: sha256(code), label: 'second', expires_ns: now() + dayNs };
  await measure('issue_enrolment', () => machine.done(operator, 'issue_enrolment', enrolment));
  const { device } = await measure('enrol', () => machine.done(key, 'enrol', { code }));
  await measure('rotate_key', () => machine.done(key, 'rotate_key', { next: hexToPrincipal(next) }));
  await measure('confirm_key', () => machine.done(next, 'confirm_key'));
  await measure('revoke_device', () => machine.done(operator, 'revoke_device', { device, reason: 'sold' }));
}

/** What comes last: the operation is handed over and back. */
async function measureEnds(world: MoneyWorld, { measure }: Meter, round: number): Promise<void> {
  const { machine } = world;
  const rest = () => world.pass(2n * secondNs, 12);
  await measure('top_up, refused', () => machine.refused(operator, 'top_up'));
  const next = keyOf(`next ${round}`);
  await machine.done(operator, 'offer_operation', { to: [hexToPrincipal(next)] });
  await measure('accept_operation', () => machine.done(next, 'accept_operation'), rest);
  await machine.done(next, 'offer_operation', { to: [hexToPrincipal(operator)] });
  await machine.done(operator, 'accept_operation');
}

async function firstWaiting({ query }: MoneyWorld['machine']) {
  const [number] = await query('requests');
  return (await query('request', number))[0];
}

const page = [0, 10];

const asked: readonly Asked[] = [
  { method: 'overview', values: [{ commands: 4 }], about: '4 commands at most' },
  ...['machine', 'identity', 'devices', 'enrolments', 'open_commands'].map((method) => ({ method })),
  { method: 'command_status', values: [0] },
  { method: 'commands', values: [{ before: [], limit: 10 }], about: '10 commands at most' },
  ...['condition', 'meters', 'lease', 'stopped', 'mandates', 'mandate_numbers', 'requests'].map((method) => ({
    method,
  })),
  { method: 'mandate', values: [1] },
  { method: 'request', values: [0] },
  { method: 'transfer', values: [0] },
  { method: 'transfers', values: page, about: '10 transfers' },
  ...['tariff', 'balances', 'compute'].map((method) => ({ method })),
  { method: 'top_ups', values: page },
  { method: 'receipt', values: [0] },
  ...['upgrade_decision', 'open_calls', 'layout'].map((method) => ({ method })),
  { method: 'events', values: [0n, 20], about: '20 events' },
  { method: 'statement', values: page, about: '10 entries' },
  { method: 'orders', values: page, about: '2 orders at most' },
];
