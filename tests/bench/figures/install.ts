// Installing one more canister of a module that the replica knows already.
import { createCanister, createWith, install as installModule } from '../../harness/canisters.ts';
import { buildSample } from '../../harness/sample.ts';
import { type Benchmark, createFigure, median } from '../figure.ts';
import { openReplica } from '../open-replica.ts';

const installs = 20;

export const install: Benchmark = {
  name: 'install',
  about: 'one more canister of a known Azle module, durable',
  run: async (say) => {
    const wasm = await buildSample();
    const { replica, remove } = await openReplica();
    try {
      await createWith(replica, wasm);
      say(`${installs} installs, one after the other`);
      const times: number[] = [];
      for (let i = 0; i < installs; i++) {
        const canister = await createCanister(replica);
        const start = performance.now();
        await installModule(replica, canister, wasm);
        times.push(performance.now() - start);
      }
      return [createFigure('install of a known module', 'ms', median(times), null, { kind: 'valueAtMost', bound: 50 })];
    } finally {
      await remove();
    }
  },
};
