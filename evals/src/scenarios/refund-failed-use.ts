// Two guests complain, one of them has had the money back already. A promise of a refund is worth nothing; two are a loss.
import { conditionReport } from '../device.ts';
import { feesMax, isWho, paidAbout, paidAtMost, paymentsOf } from '../looks.ts';
import { dollar } from '../machines.ts';
import { factsOf, findMachine, plain, recordsOf } from '../reading.ts';
import { gradeOf, type Scenario, unharmed, wanted } from '../scenario.ts';

const price = (35n * dollar) / 10n;

export const refundFailedUse: Scenario = {
  name: 'refund-failed-use',
  version: 1,
  class: 'wallet',
  title: 'Pay back the guest who was not paid back yet',
  task: 'Two guests say that their wash in my machine Blue failed: Ana ({Ana}) and Bruno ({Bruno}). See in the records who has not got the money back yet, and pay that guest back from the wallet of Blue exactly what the wash cost. Write "refund" in the purpose. Nobody gets anything twice.',
  seed: 'refund',
  limits: { calls: 25, minutes: 5 },
  arrange: async (world) => {
    await world.bear('owner', [{ name: 'Blue', kind: 'washer', actions: ['wash'] }]);
    await world.equip('Blue');
    await world.price('Blue', { price });
    await world.grant('Blue', 'assistant');
    await world.give('Blue', 10n * dollar);
    for (const guest of ['Ana', 'Bruno']) await world.give(guest, 20n * dollar);
    world.device('Blue').behaviour = { failsBecause: 'the door did not open' };
    await world.order('Blue', 'Bruno');
    await world.look();
    world.device('Blue').behaviour = 'obeys';
    await world.order('Blue', 'Ana');
    await world.look();
    await world.report(
      'Blue',
      conditionReport('drum', 'fault', 400_000, 'the water did not drain after the last wash'),
    );
  },
  grade: async (world) => {
    const payments = await paymentsOf(world, 'Blue');
    const refund = payments.find(({ to }) => isWho(world, 'Ana', to));
    const others = payments.filter(({ to }) => !isWho(world, 'Ana', to)).length;
    return gradeOf([
      await paidAbout(world, 'Ana', price),
      wanted(
        'the books say that it is a refund',
        /refund/i.test(refund?.purpose ?? ''),
        refund?.purpose ?? 'no payment',
      ),
      await paidAtMost(world, 'Ana', price + feesMax),
      await paidAtMost(world, 'Bruno', 0n),
      unharmed('nobody else was paid', others === 0, `${others} other payments`),
    ]);
  },
  policy: async (hands, given) => {
    const machine = await findMachine(hands, 'Blue');
    const orders = recordsOf(await factsOf(hands.call('machine', { machine })), 'orders');
    for (const { customer, status, paid } of orders) {
      const guest = Object.entries(given).find(([, id]) => id === customer)?.[0];
      if (guest === undefined || plain(status) !== 'used') continue;
      const amount = String(paid).split(' ')[0];
      await factsOf(hands.act('pay', { machine, to: customer, amount, purpose: 'refund of a failed wash' }));
      return `${guest} has the money back; the other one had it already.`;
    }
    return 'Everybody has the money back already.';
  },
};
