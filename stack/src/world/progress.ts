// Shell (timers): tells who waits what is being done, and how long it takes; of what is done at once it says nothing.

export interface Progress {
  /** What was begun before is over. */
  begin(text: string): void;
  end(): void;
  say(text: string): void;
}

const quietMs = 400;
const repeatMs = 10_000;

export function createProgress(say: (text: string) => void): Progress {
  let current: { readonly text: string; readonly startedMs: number; isSaid: boolean; timer: NodeJS.Timeout } | null =
    null;
  const secondsOf = (startedMs: number) => ((performance.now() - startedMs) / 1_000).toFixed(1);
  const end = () => {
    if (current === null) return;
    clearTimeout(current.timer);
    const { text, startedMs, isSaid } = current;
    // Work that lets no timer run is said when it is over.
    if (isSaid || performance.now() - startedMs > quietMs) say(`✓ ${text} (${secondsOf(startedMs)} s)`);
    current = null;
  };
  const tell = () => {
    if (current === null) return;
    const { text, startedMs, isSaid } = current;
    say(isSaid ? `… ${text}: ${secondsOf(startedMs)} s so far` : `… ${text}`);
    current.isSaid = true;
    current.timer = setTimeout(tell, repeatMs).unref();
  };
  return {
    begin: (text) => {
      end();
      current = { text, startedMs: performance.now(), isSaid: false, timer: setTimeout(tell, quietMs).unref() };
    },
    end,
    say,
  };
}
