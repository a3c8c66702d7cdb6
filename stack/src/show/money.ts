// Minor units as people write them, with two places where a currency has them: 1500000 with 6 decimals is 1.50.

export interface MoneyUnit {
  readonly symbol: string;
  readonly decimals: number;
}

export function renderMoney(amount: bigint, { symbol, decimals }: MoneyUnit): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const [whole, part] = [digits.slice(0, digits.length - decimals), digits.slice(digits.length - decimals)];
  const shown = part.replace(/0+$/, '').padEnd(Math.min(2, decimals), '0');
  return `${amount < 0n ? '-' : ''}${whole}${shown === '' ? '' : `.${shown}`} ${symbol}`.trim();
}
