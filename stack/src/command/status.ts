// Shell of `tamc status`: reads the town again and again and draws it; once, where nobody looks at a terminal.
import { setTimeout } from 'node:timers/promises';
import type { Result } from '@tamc/base/result';
import type { CallError } from '@tamc/client';
import { paintFor } from '../show/paint.ts';
import { sizeOf } from '../show/screen.ts';
import { renderStatus, type Status } from '../show/status.ts';
import { statusToJson } from '../show/status-json.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { openLiveScreen } from './live-screen.ts';
import { openNetworkToLook, type Watched } from './look.ts';

const pauseMs = 2_000;

export async function run({ switches, values }: Given): Promise<number> {
  const watched = await openNetworkToLook(values.store);
  const isLive = process.stdout.isTTY === true && !switches.has('once') && !switches.has('json');
  if (isLive) return await watch(watched);
  const status = await watched.readStatus();
  if (!status.ok) throw new CommandFailure(status.error.message, status.error.nextStep);
  if (switches.has('json')) console.log(JSON.stringify(statusToJson(status.value)));
  else console.log(renderOnce(status.value, watched).join('\n'));
  return 0;
}

function renderOnce(status: Status, { inTerminal }: Watched): readonly string[] {
  const { stdout } = process;
  const paint = paintFor(stdout.isTTY === true, process.env);
  return renderStatus(status, { columns: sizeOf(stdout).columns, rows: null, paint, inTerminal });
}

/** Until `q` or Ctrl-C. A network that is away for a while is waited for, and what was last seen of it stays on the screen. */
async function watch(watched: Watched): Promise<number> {
  const paint = paintFor(true, process.env);
  const screen = openLiveScreen();
  let last: Result<Status, CallError> | null = null;
  let seen: Status | null = null;
  const draw = () => {
    const { columns, rows } = screen.size();
    const note =
      last === null ? 'Asking the network …' : last.ok ? '' : `No answer: ${last.error.message}. Trying again …`;
    const foot = note === '' ? paint('quiet', 'q ends') : paint('careful', note.slice(0, columns));
    const body =
      seen === null ? [] : renderStatus(seen, { columns, rows: rows - 1, paint, inTerminal: watched.inTerminal });
    screen.show([...body, foot]);
  };
  screen.onResize(draw);
  draw();
  while (!screen.ended.aborted) {
    last = await watched.readStatus();
    if (last.ok) seen = last.value;
    draw();
    await setTimeout(pauseMs, undefined, { signal: screen.ended }).catch(() => {});
  }
  screen.close();
  return 0;
}
