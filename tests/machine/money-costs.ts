// Prints what the money methods of a machine cost it, in millions of cycles, everything included: the table in
// docs/guides/money-flow.md. Run it with: npx tsx tests/machine/money-costs.ts
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { codeOf } from '../../canisters/machine/test-machine.ts';
import { secondNs } from '../harness/world.ts';
import { createMoneyWorld, dayNs, delegate, deviceKey, guest, operator } from './money-world.ts';

const world = await createMoneyWorld();
const { machine } = world;
const evidence = new Uint8Array(32);
const million = 1_000_000n;
/** The first round builds what later ones reuse; the second is printed. */
const rounds = 2;

async function cost<T>(round: number, what: string, act: () => Promise<T>): Promise<T> {
  const before = await world.cycles();
  const result = await act();
  if (round === rounds) console.log(`| ${what} | ${(before - (await world.cycles())) / million} |`);
  return result;
}

const rest = () => world.pass(2n * secondNs, 12);
const delegation = { delegate: hexToPrincipal(delegate), terms: world.terms() };
const shared = { price: 100n, quantity_max: 60n, deadline_ns: 600n * secondNs, orders_at_once: 2 };

console.log('| act | million cycles |\n|---|---:|');
const enrolment = { code_hash: sha256(codeOf('device')), label: 'c', expires_ns: world.now() + dayNs };
await machine.done(operator, 'issue_enrolment', enrolment);
await machine.done(deviceKey, 'enrol', { code: codeOf('device') });
await world.mint(guest, 500_000n);
await world.approve(guest, 400_000n);
for (let round = 1; round <= rounds; round++) {
  const block = await world.mint('main', 100_000n);
  await cost(round, '`announce_receipt`, looked up and booked', () => {
    return machine.done(operator, 'announce_receipt', { ledger: world.home, block });
  });
  await cost(round, '`grant_mandate`', () => {
    return machine.done(operator, 'grant_mandate', { command_id: `m${round}`, ...delegation });
  });
  await cost(round, '`pay` by the operator, paid', () => machine.done(operator, 'pay', world.payment(10n)));
  await cost(round, '`pay` by a delegate, paid', () => machine.done(delegate, 'pay', world.payment(10n)));
  await cost(round, '`pay` that becomes a request', () => machine.done(delegate, 'pay', world.payment(400n)));
  const { request, payload_hash } = (await machine.query('request', (await machine.query('requests'))[0]))[0];
  await cost(round, '`approve`, paid', () => machine.done(operator, 'approve', { request, payload_hash }));
  await cost(round, '`pay` that is refused', () => machine.refused(guest, 'pay', world.payment(10n)));
  await cost(round, '`set_tariff`', () => {
    return machine.done(operator, 'set_tariff', { ledger: world.home, unit: { use: null }, ...shared });
  });
  const order = await cost(round, '`order`, money held, device told', () => {
    return machine.done(guest, 'order', world.order(30n, round - 1));
  });
  await cost(round, '`report` confirmed, captured and refunded', async () => {
    const body = { confirmed: { command: order.device_command[0], quantity: 20n, evidence } };
    await machine.update(deviceKey, 'report', [{ sequence: round, at_ns: world.now(), body }]);
    await rest();
    await rest();
  });
}
await cost(rounds, 'an hour of doing nothing', () => world.pass(3_600n * secondNs, 6));
await world.close();
