// Money as people write it.

/** Minor units: 1234567 with 6 decimals is 1.234567. */
export function renderAmount(amount: bigint, decimals: number, symbol: string): string {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const part = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${part === '' ? whole : `${whole}.${part}`} ${symbol}`;
}
