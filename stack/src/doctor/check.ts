// What a doctor's look finds: one sentence and, where something is to be done, one next step. And how a list of them is told.
import { cut, fit } from '../show/cells.ts';
import type { Paint } from '../show/paint.ts';

export interface Check {
  readonly name: string;
  /** `warning`: it works, but not for long or not in all. `wrong`: something does not work until it is mended. */
  readonly state: 'ok' | 'warning' | 'wrong';
  readonly text: string;
  readonly next: string | null;
}

export const fine = (name: string, text: string): Check => ({ name, state: 'ok', text, next: null });
export const warning = (name: string, text: string, next: string): Check => ({ name, state: 'warning', text, next });
export const wrong = (name: string, text: string, next: string): Check => ({ name, state: 'wrong', text, next });

const signs = { ok: ['✓', 'good'], warning: ['!', 'careful'], wrong: ['✗', 'bad'] } as const;
const nameCells = 12;

export function renderChecks(checks: readonly Check[], paint: Paint): readonly string[] {
  const lines = checks.flatMap(({ name, state, text, next }) => {
    const [sign, style] = signs[state];
    const line = `${paint(style, `${sign} ${fit(cut(name, nameCells), nameCells)}`)} ${text}`;
    return next === null ? [line] : [line, `${' '.repeat(nameCells + 3)}→ ${next}`];
  });
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const [bad, careful] = [count('wrong'), count('warning')];
  const all = bad + careful === 0 ? 'All is well.' : `${bad} wrong, ${careful} to look at, ${count('ok')} fine.`;
  return [...lines, '', all];
}
