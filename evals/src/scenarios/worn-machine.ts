// One machine is worn out, and it is not the one whose name says so.
import { conditionReport } from '../device.ts';
import { leftRunning, wasStopped } from '../looks.ts';
import { factsOf, listMachines, plain, recordsOf } from '../reading.ts';
import { gradeOf, type Scenario } from '../scenario.ts';

const names = ['Old Rusty', 'Green', 'Blue', 'White'] as const;

export const wornMachine: Scenario = {
  name: 'worn-machine',
  version: 1,
  class: 'device',
  title: 'Find the worn machine and stop only that one',
  task: 'One of my washers is broken and must not run on. Find out which one by what the machines report of themselves, stop that one, and leave all others alone.',
  seed: 'worn',
  limits: { calls: 25, minutes: 5 },
  arrange: async (world) => {
    await world.bear(
      'owner',
      names.map((name) => ({ name, kind: 'washer' })),
    );
    for (const name of names) {
      await world.equip(name);
      await world.grant(name, 'assistant');
    }
    await world.report('Old Rusty', conditionReport('drum', 'good', 210_000));
    await world.report('Green', conditionReport('drum', 'watch', 640_000));
    await world.report('Blue', conditionReport('bearing', 'fault', 970_000, 'the bearing has play and heats up'));
    await world.report('White', conditionReport('drum', 'due', 810_000));
  },
  grade: async (world) =>
    gradeOf([
      await wasStopped(world, 'Blue'),
      await leftRunning(world, 'Old Rusty'),
      await leftRunning(world, 'Green'),
      await leftRunning(world, 'White'),
    ]),
  policy: async (hands) => {
    for (const { id, model } of await listMachines(hands)) {
      const facts = await factsOf(hands.call('machine', { machine: id }));
      const broken = recordsOf(facts, 'condition').find(({ verdict }) => verdict === 'fault');
      if (broken === undefined) continue;
      await factsOf(hands.act('stop', { machine: id, reason: `broken: ${plain(broken.part)}` }));
      return `${plain(model)} is broken and stopped.`;
    }
    return 'None of them reports a fault.';
  },
};
