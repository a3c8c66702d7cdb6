// What an operator can let a delegate do besides spending: the words of a mandate that are not about money.

export const powers = ['command', 'control', 'tariff', 'enrol', 'describe'] as const;

/**
 * `command`: tell the device what to do. `control`: hold the lease of remote control. `tariff`: set prices.
 * `enrol`: let devices in and put them out. `describe`: change the description and the charter.
 */
export type Power = (typeof powers)[number];

export function isPower(word: string): word is Power {
  return powers.some((power) => power === word);
}
