// A machine's typical calls, measured on its Wasm with the real ledger: the second time each, when nothing is done for the first time.
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { codeOf, keyOf, thing } from '../../../canisters/machine/test-machine.ts';
import { decode, encode, reply } from '../../harness/canisters.ts';
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

const evidence = new Uint8Array(32).fill(1);
const condition = { part: 'drum', verdict: { good: null }, confidence_ppm: 1, wear_ppm: [2], fault: [] };

export async function measureMachine(): Promise<Measured> {
  const world = await createMoneyWorld();
  const meter = createMeter(world.replica, world.machine.canister);
  const { wasm } = await buildMachine();
  const memory = await meter.memory(wasm);
  const unmeasured: Meter = { ...meter, measure: async (_, run, settle = async () => {}) => run().finally(settle) };
  await prepare(world);
  for (const round of [1, 2]) {
    const at = round === 1 ? unmeasured : meter;
    await measureDevice(world, at, round);
    await measureMoney(world, at, round);
    await measureQueries(world, at);
    await measureHands(world, at);
    await measureKeys(world, at, round);
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
  const grant = { command_id: `m${round}`, delegate: hexToPrincipal(delegate), terms: world.terms() };
  const tariff = { price: 100n, quantity_max: 60n, deadline_ns: 600n * secondNs, orders_at_once: 2 };
  await measure('announce_receipt, booked', () => machine.done(operator, 'announce_receipt', { ledger: home, block }));
  await measure('grant_mandate', () => machine.done(operator, 'grant_mandate', grant));
  await measure('pay, by the operator', () => machine.done(operator, 'pay', world.payment(10n)));
  await measure('pay, by a delegate', () => machine.done(delegate, 'pay', world.payment(10n)));
  await measure('pay, that waits for the operator', () => machine.done(delegate, 'pay', world.payment(400n)));
  const { request, payload_hash } = (await machine.query('requests'))[0];
  await measure('approve, paid', () => machine.done(operator, 'approve', { request, payload_hash }));
  await machine.done(delegate, 'pay', world.payment(400n));
  const [declined] = await machine.query('requests');
  await measure('decline', () => machine.done(operator, 'decline', { request: declined.request }));
  await measure('pay, refused', () => machine.refused(guest, 'pay', world.payment(10n)));
  await measure('set_tariff', () =>
    machine.done(operator, 'set_tariff', { ledger: home, unit: { use: null }, ...tariff }),
  );
  const order = await measure('order, money held', () => machine.done(guest, 'order', world.order(30n, round - 1)));
  const body = { confirmed: { command: order.device_command[0], quantity: 20n, evidence } };
  const settled = 'report: confirmed, captured and refunded';
  await measure(settled, () => machine.done(deviceKey, 'report', [reportOf(world, body)]), twice);
}

async function measureHands({ machine }: MoneyWorld, { measure }: Meter): Promise<void> {
  const done =
    (method: string, ...values: unknown[]) =>
    () =>
      machine.done(operator, method, ...values);
  await measure('take_control', done('take_control', { timeout_ns: 60n * secondNs }));
  await measure('keep_control', done('keep_control'));
  await measure('release_control', done('release_control'));
  await measure('stop', done('stop', { reason: 'measured' }));
  await measure('release_stop', done('release_stop'));
  await measure('approve_upgrade', done('approve_upgrade', { hash: evidence }));
  await measure('offer_operation', done('offer_operation', { to: [hexToPrincipal(keyOf('ann'))] }));
  await measure('offer_operation, taken back', done('offer_operation', { to: [] }));
  await measure('cancel_upgrade', done('cancel_upgrade'));
  await measure('withdraw_tariff', done('withdraw_tariff'));
  const terms = { target: 0n, low_cycles: 1_000n, floor_cycles: 10n, top_up_amount: 0n };
  await measure('set_compute', done('set_compute', terms));
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

/** As updates: a query costs nobody anything on the network, but takes its instructions. */
async function measureQueries({ machine, replica }: MoneyWorld, { measure }: Meter): Promise<void> {
  const ask =
    (method: string, ...values: unknown[]) =>
    async () => {
      const { argTypes, retTypes } = machine.methods[method]!;
      const call = {
        canister: machine.canister,
        method,
        arg: encode(argTypes, values),
        sender: principalToText(guest),
      };
      return decode(retTypes, await reply(replica.call(call)))[0];
    };
  for (const method of [
    'machine',
    'identity',
    'devices',
    'open_commands',
    'mandates',
    'tariff',
    'balances',
    'compute',
  ]) {
    await measure(`${method} (query)`, ask(method));
  }
  await measure('events (query), 20 events', ask('events', 0n, 20));
  await measure('statement (query), 10 entries', ask('statement', 0, 10));
  await measure('orders (query), 2 orders', ask('orders', 0, 10));
}
