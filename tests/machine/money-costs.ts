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

async function cost<T>(what: string, act: () => Promise<T>): Promise<T> {
  const before = await world.cycles();
  const result = await act();
  const spent = before - (await world.cycles());
  console.log(`| ${what} | ${spent / million} |`);
  return result;
}

const rest = () => world.pass(2n * secondNs, 12);

console.log('| act | million cycles |\n|---|---:|');
await cost('announce_receipt, looked up and booked', () => world.fund(1_000_000n));
await cost('grant_mandate', () => {
  return machine.done(operator, 'grant_mandate', {
    command_id: 'm',
    delegate: hexToPrincipal(delegate),
    terms: world.terms(),
  });
});
await cost('pay by the operator, paid', () => machine.done(operator, 'pay', world.payment(10n)));
await cost('pay by a delegate, paid', () => machine.done(delegate, 'pay', world.payment(10n)));
await cost('pay that becomes a request', () => machine.done(delegate, 'pay', world.payment(400n)));
const [request] = await machine.query('requests');
await cost('approve, paid', () =>
  machine.done(operator, 'approve', { request: request.request, payload_hash: request.payload_hash }),
);
await cost('pay that is refused', () => machine.refused(guest, 'pay', world.payment(10n)));
await machine.done(operator, 'issue_enrolment', {
  code_hash: sha256(codeOf('device')),
  label: 'c',
  expires_ns: world.now() + dayNs,
});
await machine.done(deviceKey, 'enrol', { code: codeOf('device') });
const tariff = {
  ledger: world.home,
  unit: { use: null },
  price: 100n,
  quantity_max: 60n,
  deadline_ns: 600n * secondNs,
  orders_at_once: 2,
};
await cost('set_tariff', () => machine.done(operator, 'set_tariff', tariff));
await world.mint(guest, 500_000n);
await world.approve(guest, 400_000n);
const order = await cost('order, money held, device told', () => machine.done(guest, 'order', world.order(30n)));
await cost('report confirmed, captured and refunded', async () => {
  const body = { confirmed: { command: order.device_command[0], quantity: 20n, evidence } };
  await machine.update(deviceKey, 'report', [{ sequence: 1, at_ns: world.now(), body }]);
  await rest();
  await rest();
});
await cost('an hour of doing nothing', () => world.pass(3_600n * secondNs, 6));
await world.close();
