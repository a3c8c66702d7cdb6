// canister_metrics: what a canister's cycles went into, from its creation on.
import { ok } from '@tamc/base/result';
import type { Canister } from '../state/canister.ts';
import { defineCanisterRead } from './method.ts';
import { canisterIdRecord, canisterMetricsResult } from './types.ts';

export const canisterMetrics = defineCanisterRead({
  name: 'canister_metrics',
  argument: canisterIdRecord,
  result: canisterMetricsResult,
  ingress: true,
  canisters: true,
  queries: true,
  access: 'controllersAndAdmins',
  target: (argument) => argument.canister_id,
  read: ({ canister: { burnedCycles } }) =>
    ok({
      cycles_consumed: {
        memory: burnedCycles.memory,
        compute_allocation: burnedCycles.computeAllocation,
        ingress_induction: burnedCycles.ingress,
        instructions: burnedCycles.instructions,
        request_and_response_transmission: burnedCycles.requestAndResponse,
        uninstall: burnedCycles.uninstall,
        canister_creation: burnedCycles.canisterCreation,
        http_outcalls: burnedCycles.httpOutcalls,
        burned_cycles: burnedCycles.burned,
      },
    }),
});

export function consumedTotal({ burnedCycles }: Canister): bigint {
  return Object.values(burnedCycles).reduce((sum: bigint, cycles: bigint) => sum + cycles, 0n);
}
