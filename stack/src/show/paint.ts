// Colours of a terminal, by what they mean. They only repeat what words and signs say already: without them nothing is missing.

export const styles = { strong: 1, quiet: 2, bad: 31, good: 32, careful: 33, busy: 36 } as const;
export type Style = keyof typeof styles;
export type Paint = (style: Style | null, text: string) => string;

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (style, text) => (style === null ? text : `\u001b[${styles[style]}m${text}\u001b[0m`);

/** As `NO_COLOR` and `TERM=dumb` ask for it; and never into a file or a pipe. */
export function paintFor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint {
  const isAsked = (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb';
  return isTerminal && isAsked ? coloured : plain;
}
