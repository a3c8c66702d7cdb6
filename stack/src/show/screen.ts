// A terminal that is drawn over and over: what must be written to show a frame without flicker, and to leave everything as it was.

const sequence = '\u001b[';

/** On a screen of its own, without cursor: what stood there before comes back at the end. */
export const openScreen = `${sequence}?1049h${sequence}?25l`;
export const closeScreen = `${sequence}?25h${sequence}?1049l`;

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Wide enough for every column; also for who writes into a file. */
const defaultSize: Size = { columns: 80, rows: 24 };

/** A terminal that nobody has given a size, as under programs that drive another, tells none or zero. */
export function sizeOf({ columns, rows }: Partial<Size>): Size {
  return { columns: columns || defaultSize.columns, rows: rows || defaultSize.rows };
}

/** Each line is overwritten and its rest cleared; nothing is blank in between. Lines that do not fit are left out. */
export function renderFrame(lines: readonly string[], rows: number): string {
  const shown = lines.slice(0, rows).map((line) => `${line}${sequence}K`);
  return `${sequence}H${shown.join('\r\n')}${sequence}J`;
}
