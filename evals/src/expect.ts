// Where a refusal can only be a mistake in a scenario or a fault of ours: arranging a world and looking at it. A trial in which this
// throws is no result.
import type { Result } from '@tamc/base/result';
import type { CallError } from '@tamc/client';

export class WorldFault extends Error {
  override readonly name = 'WorldFault';
}

export function assertOk<T>(result: Result<T, CallError>): T {
  if (result.ok) return result.value;
  throw new WorldFault(`${result.error.code}: ${result.error.message}`);
}
