// Shell (terminal): keys that are read one by one and not shown. Nothing is written before the terminal stopped showing what is typed:
// who answers at the sight of the question, or pastes, shows nothing to who looks over their shoulder.

/** What is used of `tty.ReadStream` and `tty.WriteStream`. */
export interface Terminal {
  readonly input: {
    setRawMode(isRaw: boolean): unknown;
    setEncoding(encoding: 'utf8'): unknown;
    resume(): unknown;
    pause(): unknown;
    on(event: 'data' | 'end', hear: (chunk: string) => void): unknown;
    off(event: 'data' | 'end', hear: (chunk: string) => void): unknown;
  };
  readonly output: { write(text: string): unknown };
}

/** Questions stand on standard error, so that a command's own output stays clean. */
export const ownTerminal = (): Terminal => ({ input: process.stdin, output: process.stderr });

const [ctrlC, ctrlD] = ['\u0003', '\u0004'];

/** Until `take` gives what the keys meant; `left`: for Ctrl-C, Ctrl-D and the end of the input. */
export function readHiddenKeys<T>(
  { input, output }: Terminal,
  question: string,
  take: (key: string) => { readonly meant: T } | null,
  left: T,
): Promise<T> {
  input.setRawMode(true);
  input.setEncoding('utf8');
  return new Promise((resolve) => {
    const end = (result: T) => {
      input.off('data', hear);
      input.off('end', leave);
      input.setRawMode(false);
      input.pause();
      resolve(result);
    };
    const leave = () => end(left);
    const hear = (chunk: string) => {
      for (const key of chunk) {
        if (key === ctrlC || key === ctrlD) return leave();
        const taken = take(key);
        if (taken !== null) return end(taken.meant);
      }
    };
    input.on('data', hear);
    input.on('end', leave);
    input.resume();
    output.write(question);
  });
}
