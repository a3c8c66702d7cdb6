// How the decoders of untrusted bytes stop: they throw a Malformed (no stack trace, so a flood of bad input stays cheap),
// and the one door of each decoder turns it into a refusal. It never leaves this folder's doors.

import { ok, type Result, refuse } from '@tamc/base/result';

export class Malformed {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export function malformed(reason: string): never {
  throw new Malformed(reason);
}

export function refuseMalformed<T>(decode: () => T): Result<T, string> {
  try {
    return ok(decode());
  } catch (thrown) {
    if (thrown instanceof Malformed) return refuse(thrown.reason);
    throw thrown;
  }
}
