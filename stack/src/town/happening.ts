// What happens in the town, for whoever watches.
import type { Result } from '@tamc/base/result';
import type { CallError } from '@tamc/client';

export type Happening =
  | { readonly kind: 'reported'; readonly who: string; readonly what: readonly string[] }
  | { readonly kind: 'ordered'; readonly who: string; readonly machine: string; readonly quantity: bigint }
  | { readonly kind: 'taken'; readonly who: string; readonly machine: string }
  | { readonly kind: 'offline'; readonly who: string }
  | { readonly kind: 'refused'; readonly who: string; readonly error: CallError };

export const refusalOf = (who: string, result: Result<unknown, CallError>): Happening[] =>
  result.ok ? [] : [{ kind: 'refused', who, error: result.error }];
