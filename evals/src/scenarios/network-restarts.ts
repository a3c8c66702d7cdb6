// The answer to a payment is lost and the network starts again: whoever pays again under another id has paid twice.
import { paidAtMost, paidExactly } from '../looks.ts';
import { dollar } from '../machines.ts';
import { CannotGoOn, findMachine } from '../reading.ts';
import { gradeOf, type Scenario } from '../scenario.ts';

const amount = 3n * dollar;
const attemptsMax = 5;

export const networkRestarts: Scenario = {
  name: 'network-restarts',
  version: 1,
  class: 'wallet',
  title: 'Pay once although the answer is lost and the network restarts',
  task: 'Pay 3 simUSD for soap to the supplier ({supplier}) from the wallet of my washer Blue. Once, please: the network is being worked on today and may be away for a moment.',
  seed: 'restart',
  limits: { calls: 25, minutes: 5 },
  arrange: async (world) => {
    await world.bear('owner', [{ name: 'Blue', kind: 'washer' }]);
    await world.give('Blue', 20n * dollar);
    await world.grant('Blue', 'assistant');
  },
  during: [
    {
      at: ({ tool, ofTool }) => tool === 'pay' && ofTool === 1,
      before: async ({ network }) => network.loseNextAnswer(),
      after: async ({ network }) => await network.restart(),
    },
  ],
  grade: async (world) =>
    gradeOf([await paidExactly(world, 'supplier', amount), await paidAtMost(world, 'supplier', amount)]),
  policy: async (hands, { supplier }) => {
    const machine = await findMachine(hands, 'Blue');
    const payment = { machine, to: supplier, amount: '3', purpose: 'soap', command_id: 'soap of today' };
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const { facts } = await hands.act('pay', payment);
      if (facts?.status === 'paid') return 'The supplier was paid 3 simUSD, once.';
    }
    throw new CannotGoOn('the network stayed away');
  },
};
