// Shell: the terminal as a screen that is drawn over and over until somebody ends it. However the process ends, the terminal is left
// as it was found.
import { closeScreen, openScreen, renderFrame, sizeOf } from '../show/screen.ts';

export interface LiveScreen {
  readonly ended: AbortSignal;
  size(): { readonly columns: number; readonly rows: number };
  show(lines: readonly string[]): void;
  onResize(draw: () => void): void;
  close(): void;
}

/** `q`, Ctrl-C, and Ctrl-D, which raw mode no longer turns into a signal or an end. */
const endKeys = new Set(['q', 'Q', '\u0003', '\u0004']);

export function openLiveScreen(): LiveScreen {
  const { stdin, stdout } = process;
  const ending = new AbortController();
  const end = () => ending.abort();
  const onKey = (chunk: Buffer) => {
    if ([...chunk.toString()].some((key) => endKeys.has(key))) end();
  };
  const restore = () => {
    stdout.write(closeScreen);
    if (stdin.isTTY) stdin.setRawMode(false);
  };
  stdout.write(openScreen);
  process.once('exit', restore);
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', onKey);
    stdin.resume();
  }
  return {
    ended: ending.signal,
    size: () => sizeOf(stdout),
    show: (lines) => stdout.write(renderFrame(lines, sizeOf(stdout).rows)),
    onResize: (draw) => stdout.on('resize', draw),
    close: () => {
      process.off('exit', restore);
      stdout.removeAllListeners('resize');
      stdin.off('data', onKey);
      stdin.pause();
      restore();
    },
  };
}
