// Mistakes in options are told before anything is made.
import { createReplica, type ReplicaOptions } from '@tamc/replica';
import { expect, it } from 'vitest';

const mistakes: [string, object][] = [
  ['nodeCount', { nodeCount: 0 }],
  ['nodeCount', { nodeCount: 1.5 }],
  ['subnetType', { subnetType: 'bogus' }],
  ['costSchedule', { costSchedule: 'cheap' }],
  ['virtualTime.startNs', { virtualTime: { startNs: -5n } }],
  ['virtualTime.startNs', { virtualTime: { startNs: 2n ** 70n } }],
  ['instructionLimits.update', { instructionLimits: { update: 0n } }],
  ['instructionLimits.updates', { instructionLimits: { updates: 5n } }],
  ['hotMemoryBytesMax', { hotMemoryBytesMax: Number.NaN }],
  ['subnetAdmins', { subnetAdmins: ['nobody'] }],
  ['store', { store: '' }],
  ['port', { port: 80 }],
];

it.each(mistakes)('an option that makes no sense is named: %s', async (name, options) => {
  const made = createReplica(options as ReplicaOptions);
  await expect(made).rejects.toMatchObject({ name: 'ReplicaError', kind: 'input', code: 'badOption' });
  await expect(made).rejects.toThrow(`The option ${name} `);
});

it('a time that canisters could not see is refused', async () => {
  const replica = await createReplica({ memory: true, virtualTime: true });
  expect(() => replica.time.setNs(2n ** 64n)).toThrow('is no time');
  await replica.close();
});
