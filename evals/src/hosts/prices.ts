// What models cost, in US dollars for a million tokens: the provider's list prices as they were published on the day below. A model
// that is not here has no known price, and then a trial has no cost instead of a wrong one.
import type { Usage } from './host.ts';

export const pricesOf = '2026-11-21';

export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Kept for five minutes, which is what the host asks for. */
  readonly cacheWrite: number;
  /** Of a request whose prompt is longer than so many tokens, where that has a price of its own. */
  readonly longer?: { readonly thanTokens: number; readonly price: Price };
}

const fable = { input: 10, output: 50, cacheWrite: 12.5 };
const opus = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 };
const sonnet4 = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
const haiku = { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 };
const haikuLong = { input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite: 0.625 };

const prices: Readonly<Record<string, Price>> = {
  'claude-fable-5-1': { ...fable, cacheRead: 0.25 },
  'claude-fable-5': { ...fable, cacheRead: 1 },
  'claude-opus-5-5': { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
  'claude-opus-5': opus,
  'claude-opus-4-8': opus,
  'claude-opus-4-7': opus,
  'claude-opus-4-6': opus,
  'claude-opus-4-5': opus,
  'claude-sonnet-5-5': { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
  'claude-sonnet-5': { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 },
  'claude-sonnet-4-6': sonnet4,
  'claude-sonnet-4-5': sonnet4,
  'claude-haiku-5-5': { ...haiku, longer: { thanTokens: 100_000, price: haikuLong } },
  'claude-haiku-4-5': { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
};

/** A name may end in the date of its version. */
export function priceOf(model: string): Price | null {
  const name = model.replace(/-\d{8}$/, '');
  return Object.hasOwn(prices, name) ? (prices[name] ?? null) : null;
}

type Tokens = Omit<Usage, 'requests'>;

/** Of one request: prices can depend on how long its prompt was. */
export function costOf(price: Price, tokens: Tokens): number {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = tokens;
  const { longer } = price;
  const promptTokens = inputTokens + cacheReadTokens + cacheWriteTokens;
  if (longer !== undefined && promptTokens > longer.thanTokens) return costOf(longer.price, tokens);
  const sum =
    inputTokens * price.input +
    outputTokens * price.output +
    cacheReadTokens * price.cacheRead +
    cacheWriteTokens * price.cacheWrite;
  return sum / 1_000_000;
}
