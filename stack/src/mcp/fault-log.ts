// What goes wrong beside the answers of an assistants' server, for who reads its terminal: a line for what it refuses, a stack for what
// is a fault of ours, and so few of both that nobody can fill the terminal.
import { inspect } from 'node:util';
import { cleanedLine } from '@tamc/protocol/printable';

/** As many as somebody reads; the next minute tells how many more there were. */
const toldPerMinute = 20;
const minuteMs = 60_000;
/** Some of it is what a client sent. */
const lineCharsMax = 300;

export function createFaultLog(
  write: (line: string) => void,
  nowMs: () => number = () => performance.now(),
): (error: unknown) => void {
  let [beganMs, told, leftOut] = [nowMs(), 0, 0];
  return (error) => {
    if (nowMs() - beganMs >= minuteMs) {
      if (leftOut > 0) write(`${leftOut} more like these were left out`);
      [beganMs, told, leftOut] = [nowMs(), 0, 0];
    }
    if (told++ < toldPerMinute) write(faultToText(error));
    else leftOut++;
  };
}

function faultToText(error: unknown): string {
  if (typeof error === 'string') return cleanedLine(error, lineCharsMax);
  return error instanceof Error && isRefusal(error) ? cleanedLine(error.message, lineCharsMax) : inspect(error);
}

/** The protocol's library refuses by a bare error, a system by one with a code, and ours by one that says what to do next. */
function isRefusal(error: Error): boolean {
  return Object.getPrototypeOf(error) === Error.prototype || 'code' in error || 'nextStep' in error;
}
